/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/* What the configuration sets for a whole port, and may set anew while it runs. */

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "daemon.h"
#include "rte_pmd_sluice.h"

static bool
same_loopback(const struct config_port *a, const struct config_port *b)
{
	return a->loopback == b->loopback;
}

static int
set_loopback(uint16_t port_id, const struct config_port *config)
{
	return rte_pmd_sluice_loopback(port_id, config->loopback);
}

static bool
same_storm(const struct config_port *a, const struct config_port *b)
{
	return a->storm_broadcast == b->storm_broadcast && a->storm_multicast == b->storm_multicast;
}

static int
set_storm(uint16_t port_id, const struct config_port *config)
{
	return rte_pmd_sluice_storm_control(port_id, config->storm_broadcast,
					    config->storm_multicast);
}

static const struct setting {
	bool (*same)(const struct config_port *a, const struct config_port *b);
	int (*set)(uint16_t port_id, const struct config_port *config);
	const char *keys, *lacking;
} settings[] = {
	{ same_loopback, set_loopback, "loopback", "this hardware has no such switch" },
	{ same_storm, set_storm, "storm_broadcast and storm_multicast",
	  "this hardware has no storm control" },
};

#define NB_SETTINGS (sizeof(settings) / sizeof(settings[0]))

static int
set_one(const struct port *port, const struct setting *setting, const struct config_port *wanted,
	char why[CONTROL_ERROR_BYTES])
{
	static const struct config_port usual = { .loopback = true };
	int rc = setting->set(port->port_id, wanted);

	if (rc == -ENOTSUP && setting->same(wanted, &usual))
		return 0;
	if (rc < 0)
		snprintf(why, CONTROL_ERROR_BYTES, "%s: %s", setting->keys,
			 rc == -ENOTSUP ? setting->lacking : strerror(-rc));
	return rc;
}

int
port_switch_set(const struct port *port, const struct config_port *old,
		const struct config_port *wanted, char why[CONTROL_ERROR_BYTES])
{
	char unsaid[CONTROL_ERROR_BYTES];
	size_t done;
	int rc = 0;

	for (done = 0; done < NB_SETTINGS && rc == 0; done++)
		if (old == NULL || !settings[done].same(old, wanted))
			rc = set_one(port, &settings[done], wanted, why);
	while (rc < 0 && old != NULL && done-- > 0)
		if (!settings[done].same(old, wanted))
			(void)set_one(port, &settings[done], old, unsaid);
	return rc;
}

void
port_switch_log(const struct port *port, const struct config_port *old,
		const struct config_port *now)
{
	char text[64];
	const struct {
		const char *key;
		uint32_t before, after;
	} numbers[] = {
		{ "storm_broadcast", old->storm_broadcast, now->storm_broadcast },
		{ "storm_multicast", old->storm_multicast, now->storm_multicast },
	};

	if (old->loopback != now->loopback)
		audit_change(port, CONTROL_VF_NONE, "policy",
			     now->loopback ? "loopback off -> on" : "loopback on -> off");
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		if (numbers[i].before == numbers[i].after)
			continue;
		snprintf(text, sizeof(text), "%s %u -> %u", numbers[i].key, numbers[i].before,
			 numbers[i].after);
		audit_change(port, CONTROL_VF_NONE, "policy", text);
	}
}
