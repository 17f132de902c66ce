/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/* From a bare host to a running daemon: what is missing, and the command that mends it. */

#include <errno.h>
#include <grp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "access.h"
#include "client.h"
#include "ctl.h"
#include "doctor.h"
#include "report.h"

#define TIMEOUT_MS 2000

struct visit {
	bool json;
	unsigned int nb_bad;
	json_t *findings; /* of --json */
	json_t *ports;    /* those that a running daemon serves; NULL: none runs */
};

static void
report(void *ctx, const struct iov_finding *finding)
{
	static const char *const verdicts[] = {
		[IOV_GOOD] = "ok",
		[IOV_NOTE] = "note",
		[IOV_BAD] = "FAIL",
	};
	struct visit *visit = ctx;
	json_t *object;

	visit->nb_bad += finding->verdict == IOV_BAD;
	if (!visit->json) {
		printf("%-4s  %-12s  %-9s  %s\n", verdicts[finding->verdict], finding->subject,
		       finding->check, finding->line);
		if (finding->remedy != NULL)
			printf("%-31s  run: %s\n", "", finding->remedy);
		return;
	}
	object = json_pack("{s:s, s:s, s:s, s:s}", "verdict", verdicts[finding->verdict], "subject",
			   finding->subject, "check", finding->check, "text", finding->line);
	if (finding->remedy != NULL)
		(void)json_object_set_new(object, "remedy", json_string(finding->remedy));
	(void)json_array_append_new(visit->findings, object);
}

__attribute__((format(printf, 5, 6))) static void
tell(struct visit *visit, const char *check, enum iov_verdict verdict, const char *remedy,
     const char *format, ...)
{
	struct iov_finding finding = {
		.check = check,
		.subject = "host",
		.verdict = verdict,
		.remedy = remedy,
	};
	va_list args;

	va_start(args, format);
	vsnprintf(finding.line, sizeof(finding.line), format, args);
	va_end(args);
	report(visit, &finding);
}

/* Whoever runs this, as the daemon will see it. */
static void
look_at_permission(struct visit *visit, const char *group)
{
	gid_t gid, groups[256];
	int nb = getgroups(256, groups);
	bool is_member;

	if (access_group(group, &gid) < 0 || gid == ACCESS_NO_GROUP) {
		tell(visit, "group", group[0] == '\0' ? IOV_NOTE : IOV_BAD,
		     group[0] == '\0' ? "groupadd --system " CONTROL_DEFAULT_GROUP : NULL,
		     "there is no group %s: only root may change what sluiced does",
		     group[0] == '\0' ? CONTROL_DEFAULT_GROUP : group);
		return;
	}
	is_member = geteuid() == 0 || getegid() == gid;
	for (int i = 0; i < nb; i++)
		is_member |= groups[i] == gid;
	if (is_member)
		tell(visit, "group", IOV_GOOD, NULL, "you may change what sluiced does");
	else
		tell(visit, "group", IOV_NOTE, NULL,
		     "you may look; members of group %s may change what sluiced does",
		     getgrgid(gid)->gr_name);
}

/* Is there a daemon, and which PFs does it serve? */
static void
look_at_daemon(struct visit *visit, const char *socket)
{
	static const struct control_request show = { .cmd = CONTROL_SHOW, .vf = CONTROL_VF_NONE };
	char error[CONTROL_ERROR_BYTES], *answer = NULL, *line = control_request_encode(&show);
	struct control_reply reply = { .ok = false };
	int rc = line == NULL ? -ENOMEM : control_call(socket, line, TIMEOUT_MS, &answer, error);

	free(line);
	if (rc == 0)
		rc = control_reply_decode(answer, strlen(answer), &reply);
	free(answer);
	if (rc == 0 && reply.ok) {
		visit->ports = json_incref(json_object_get(reply.object, "ports"));
		tell(visit, "daemon", IOV_GOOD, NULL, "sluiced answers on %s", socket);
	} else if (rc == -ENOENT || rc == -ECONNREFUSED) {
		tell(visit, "daemon", IOV_NOTE, "systemctl start sluiced", "sluiced does not run");
	} else {
		tell(visit, "daemon", IOV_BAD, NULL, "%s",
		     rc < 0 ? error : "sluiced does not show what it does");
	}
	json_decref(reply.object);
}

static bool
is_served(const struct visit *visit, const char *pci)
{
	const json_t *port;
	size_t i;
	bool found = false;

	json_array_foreach(visit->ports, i, port)
	{
		const char *served = json_string_value(json_object_get(port, "pci"));

		found |= served != NULL && strcmp(served, pci) == 0;
	}
	return found;
}

static void
look_at_port(struct visit *visit, const char *pci, unsigned int num_vfs)
{
	const struct iov_request request = { .pci = pci, .num_vfs = num_vfs };

	iov_doctor_port(&iov_root_system, &request, is_served(visit, pci), report, visit);
}

/* Without a configuration, all that could be in one. */
static void
look_at_all_ports(struct visit *visit)
{
	char pci[CONFIG_PORTS_MAX][IOV_PCI_BYTES];
	unsigned int nb = iov_find_ports(&iov_root_system, pci, CONFIG_PORTS_MAX);

	if (nb == 0)
		tell(visit, "ports", IOV_BAD, NULL, "there is no network device with SR-IOV");
	for (unsigned int i = 0; i < nb && i < CONFIG_PORTS_MAX; i++)
		look_at_port(visit, pci[i], 1);
}

/* @return whether there is a configuration to go by */
static bool
look_at_config(struct visit *visit, const char *file, struct config *config)
{
	char error[CONFIG_ERROR_BYTES];
	int rc = config_load(file, config, error);

	if (rc == 0)
		tell(visit, "config", IOV_GOOD, NULL, "%s is good", file);
	else
		tell(visit, "config", IOV_BAD, NULL, "%.300s", error);
	return rc == 0;
}

static void
examine(struct ctl *ctl, struct visit *visit, const char *file)
{
	static struct config config = { .hugepages_mb = 16 }; /* large */
	bool any_own = false, configured = look_at_config(visit, file, &config);

	if (configured && ctl->is_default_socket)
		ctl->socket = config.control_socket;
	look_at_daemon(visit, ctl->socket);
	look_at_permission(visit, config.control_group);
	for (uint16_t i = 0; i < config.nb_ports; i++)
		any_own |= !config.port[i].external;
	/* Of others' ports nothing is asked, as the daemon asks nothing of them. */
	if (!configured || any_own)
		iov_doctor_host(&iov_root_system, config.hugepages_mb, visit->ports != NULL, report,
				visit);
	for (uint16_t i = 0; i < config.nb_ports; i++)
		if (!config.port[i].external)
			look_at_port(visit, config.port[i].pci, config.port[i].num_vfs);
	if (!configured)
		look_at_all_ports(visit);
}

int
doctor_main(struct ctl *ctl, int argc, char **argv)
{
	struct visit visit = { .json = ctl->json };
	int rc = EX_OK;

	if (argc > 2)
		return ctl_refuse("%s: not expected here", argv[2]);
	if (ctl->json && ctl->report)
		return ctl_refuse("doctor: --report is text, without --json");
	if (ctl->json)
		visit.findings = json_array();
	if (ctl->report)
		report_machine();
	examine(ctl, &visit, argc == 2 ? argv[1] : CONFIG_DEFAULT_FILE);
	if (ctl->report)
		report_counters(visit.ports);
	json_decref(visit.ports);
	if (ctl->json)
		rc = ctl_print_json(json_pack("{s:b, s:o}", "ok", visit.nb_bad == 0, "findings",
					      visit.findings));
	else if (visit.nb_bad == 0)
		puts("nothing is to be mended");
	else
		printf("%u to be mended\n", visit.nb_bad);
	return rc != EX_OK || visit.nb_bad == 0 ? rc : EX_UNAVAILABLE;
}
