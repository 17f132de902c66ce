/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/* One function per key, one table per object. */

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "policy_keys.h"
#include "schema.h"
#include "watch_keys.h"

#define HUGEPAGES_MB_MIN 16
#define HUGEPAGES_MB_MAX 1024
#define LCORE_MAX        127

/* JSON Schemas of values. Texts are counted in bytes by us, and in characters by others. */
#define STRING_OF(number)  #number
#define INTEGER(min, max)  INTEGER_(min, max)
#define INTEGER_(min, max) \
	"{\"type\":\"integer\",\"minimum\":" STRING_OF(min) ",\"maximum\":" STRING_OF(max) "}"
#define TEXT(longest, pattern) \
	"{\"type\":\"string\",\"maxLength\":" STRING_OF(longest) ",\"pattern\":\"" pattern "\"}"
#define PATH   TEXT(107, "^/")
#define SWITCH "{\"enum\":[true,false,\"on\",\"off\"]}"

/* An entry of "vfs": where it goes is known only after all its keys are read. */
struct listed_vf {
	int64_t index;
	uint16_t nb_vfs;
	struct config_vf vf;
};

static int
read_path(struct reader *reader, const json_t *value, void *field)
{
	char *path = field;
	int rc = read_text(reader, value, path, CONFIG_PATH_BYTES);

	if (rc == 0 && path[0] != '/')
		return reader_refuse_value(reader, value, "an absolute path");
	return rc;
}

static int
read_name(struct reader *reader, const json_t *value, void *field)
{
	return read_text(reader, value, field, CONFIG_NAME_BYTES);
}

static int
read_hugepages_mb(struct reader *reader, const json_t *value, void *field)
{
	unsigned int *hugepages_mb = field;
	int64_t megabytes = 0;
	int rc = read_integer(reader, value, HUGEPAGES_MB_MIN, HUGEPAGES_MB_MAX, &megabytes);

	if (rc == 0)
		*hugepages_mb = megabytes;
	return rc;
}

static int
read_lcore(struct reader *reader, const json_t *value, void *field)
{
	int *lcore = field;
	int64_t cpu = 0;
	int rc = read_integer(reader, value, 0, LCORE_MAX, &cpu);

	if (rc == 0)
		*lcore = cpu;
	return rc;
}

static int
read_log_level(struct reader *reader, const json_t *value, void *field)
{
	static const char *const names[] = {
		[CONFIG_LOG_ERROR] = "error",
		[CONFIG_LOG_WARNING] = "warning",
		[CONFIG_LOG_INFO] = "info",
		[CONFIG_LOG_DEBUG] = "debug",
	};
	const char *text = json_string_value(value);
	enum config_log_level *level = field;

	for (size_t i = 0; text != NULL && i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(text, names[i]) == 0) {
			*level = i;
			return 0;
		}
	return reader_refuse_value(reader, value, "\"error\", \"warning\", \"info\" or \"debug\"");
}

static int
read_eal(struct reader *reader, const json_t *value, void *field)
{
	struct config *config = field;
	size_t nb = json_array_size(value);
	int rc = 0;

	if (!json_is_array(value))
		return reader_refuse_value(reader, value, "an array");
	if (nb > CONFIG_EAL_MAX)
		return reader_refuse(reader, "%zu entries, not 0..%u", nb, CONFIG_EAL_MAX);
	for (size_t i = 0; i < nb && rc == 0; i++) {
		size_t mark = reader_enter_index(reader, i);

		rc = read_text(reader, json_array_get(value, i), config->eal[i], CONFIG_EAL_BYTES);
		reader_leave(reader, mark);
	}
	config->nb_eal = nb;
	return rc;
}

static int
read_vf_index(struct reader *reader, const json_t *value, void *field)
{
	struct listed_vf *entry = field;

	if (entry->nb_vfs == 0)
		return reader_refuse(reader, "there is none, num_vfs being 0");
	return read_integer(reader, value, 0, entry->nb_vfs - 1, &entry->index);
}

static int
read_vf_driver(struct reader *reader, const json_t *value, void *field)
{
	char *driver = field;
	int rc = read_text(reader, value, driver, CONFIG_NAME_BYTES);

	if (rc == 0 && strchr(driver, '/') != NULL)
		return reader_refuse_value(reader, value, "the name of a driver");
	return rc;
}

static const struct key vf_keys[] = {
	{ "vf", true, 0, read_vf_index,
	  .schema = "{\"type\":\"integer\",\"minimum\":0,\"maximum\":62}" },
	{ .set = &policy_key_set, .offset = offsetof(struct listed_vf, vf.policy) },
	{ "driver", false, offsetof(struct listed_vf, vf.driver), read_vf_driver,
	  .schema = TEXT(31, "^[^/]+$") },
	{ NULL },
};

/* What check_policy() says, as far as a schema can. */
static const char vf_rules[] =
	"[{\"if\":{\"properties\":{\"qos\":{\"minimum\":1}},\"required\":[\"qos\"]},"
	"\"then\":{\"properties\":{\"vlan\":{\"minimum\":1}},\"required\":[\"vlan\"]}},"
	"{\"if\":{\"properties\":{\"trunk\":{\"not\":{\"enum\":[\"all\"]}}},"
	"\"required\":[\"trunk\"]},\"then\":{\"properties\":{\"vlan\":{\"maximum\":0}}}}]";

static void
vf_defaults(struct config_vf *vf)
{
	vf->policy = policy_default;
	snprintf(vf->driver, sizeof(vf->driver), "vfio-pci");
}

static int
read_vf(struct reader *reader, const json_t *value, struct config_port *port, bool *seen)
{
	struct listed_vf entry = { .nb_vfs = port->num_vfs };
	size_t mark;
	int rc;

	vf_defaults(&entry.vf);
	rc = reader_object(reader, value, vf_keys, &entry);
	if (rc == 0)
		rc = check_policy(reader, &entry.vf.policy, entry.index, port->num_vfs);
	if (rc < 0)
		return rc;
	mark = reader_enter(reader, "vf");
	if (seen[entry.index])
		return reader_refuse(reader, "%d is listed twice", (int)entry.index);
	reader_leave(reader, mark);
	seen[entry.index] = true;
	port->vf[entry.index] = entry.vf;
	return 0;
}

static int
read_vfs(struct reader *reader, const json_t *value, struct config_port *port)
{
	bool seen[CONFIG_VFS_MAX] = { false };
	int rc = 0;

	if (!json_is_array(value))
		return reader_refuse_value(reader, value, "an array");
	for (size_t i = 0; i < json_array_size(value) && rc == 0; i++) {
		size_t mark = reader_enter_index(reader, i);

		rc = read_vf(reader, json_array_get(value, i), port, seen);
		reader_leave(reader, mark);
	}
	return rc;
}

static int
read_num_vfs(struct reader *reader, const json_t *value, void *field)
{
	uint16_t *num_vfs = field;
	int64_t nb = 0;
	int rc = read_integer(reader, value, 0, CONFIG_VFS_MAX, &nb);

	if (rc == 0)
		*num_vfs = nb;
	return rc;
}

static int
read_mtu(struct reader *reader, const json_t *value, void *field)
{
	uint16_t *mtu = field;
	int64_t bytes = 0;
	int rc = read_integer(reader, value, CONFIG_MTU_MIN, CONFIG_MTU_MAX, &bytes);

	if (rc == 0)
		*mtu = bytes;
	return rc;
}

static int
read_storm(struct reader *reader, const json_t *value, void *field)
{
	uint32_t *kbps = field;
	int64_t number = 0;
	int rc = read_integer(reader, value, 0, CONFIG_STORM_KBPS_MAX, &number);

	if (rc == 0)
		*kbps = number;
	return rc;
}

/* Read by read_port() once num_vfs is known, whatever the order of the keys. */
static int
skip_vfs(struct reader *reader, const json_t *value, void *field)
{
	(void)reader;
	(void)value;
	(void)field;
	return 0;
}

static const struct key port_keys[] = {
	{ "pci", true, offsetof(struct config_port, pci), read_pci,
	  .schema = TEXT(12, "^[0-9A-Fa-f]{4}:[0-9A-Fa-f]{2}:[0-9A-Fa-f]{2}\\\\.[0-7]$") },
	{ "num_vfs", true, offsetof(struct config_port, num_vfs), read_num_vfs,
	  .schema = INTEGER(0, CONFIG_VFS_MAX) },
	{ "mtu", false, offsetof(struct config_port, mtu), read_mtu,
	  .schema = INTEGER(CONFIG_MTU_MIN, CONFIG_MTU_MAX) },
	{ "loopback", false, offsetof(struct config_port, loopback), read_switch,
	  .schema = SWITCH },
	{ "storm_broadcast", false, offsetof(struct config_port, storm_broadcast), read_storm,
	  .schema = INTEGER(0, CONFIG_STORM_KBPS_MAX) },
	{ "storm_multicast", false, offsetof(struct config_port, storm_multicast), read_storm,
	  .schema = INTEGER(0, CONFIG_STORM_KBPS_MAX) },
	{ "restore", false, offsetof(struct config_port, restore), read_switch, .schema = SWITCH },
	{ "external", false, offsetof(struct config_port, external), read_switch,
	  .schema = SWITCH },
	{ "watch", false, offsetof(struct config_port, watch), read_watch,
	  .schema = WATCH_SCHEMA },
	{ "vfs", false, 0, skip_vfs, .items = vf_keys, .rules = vf_rules },
	{ NULL },
};

/* What check_external() says. */
static const char port_rules[] =
	"[{\"if\":{\"properties\":{\"external\":{\"enum\":[true,\"on\"]}},"
	"\"required\":[\"external\"]},\"then\":{\"not\":{\"required\":[\"restore\"]},"
	"\"properties\":{\"vfs\":{\"items\":{\"not\":{\"required\":[\"driver\"]}}}}}}]";

static int
refuse_external(struct reader *reader, const char *name)
{
	(void)reader_enter(reader, name);
	return reader_refuse(reader, "an external port's drivers are left alone");
}

/* What others bound is theirs to bind again, so whoever asks for that has not understood. */
static int
check_external(struct reader *reader, const json_t *value, struct config_port *port)
{
	const json_t *vfs = json_object_get(value, "vfs");

	if (!port->external)
		return 0;
	if (json_object_get(value, "restore") != NULL)
		return refuse_external(reader, "restore");
	for (size_t i = 0; i < json_array_size(vfs); i++)
		if (json_object_get(json_array_get(vfs, i), "driver") != NULL) {
			(void)reader_enter(reader, "vfs");
			(void)reader_enter_index(reader, i);
			return refuse_external(reader, "driver");
		}
	port->restore = false;
	for (uint16_t vf = 0; vf < CONFIG_VFS_MAX; vf++)
		snprintf(port->vf[vf].driver, sizeof(port->vf[vf].driver), "external");
	return 0;
}

static int
check_macs(struct reader *reader, const struct config *config, const struct config_port *port)
{
	for (uint16_t vf = 0; vf < port->num_vfs; vf++) {
		const struct mac_addr *mac = &port->vf[vf].policy.mac;
		char text[MAC_TEXT_BYTES];

		if (mac_is_zero(mac))
			continue;
		mac_format(mac, text);
		for (const struct config_port *p = config->port; p <= port; p++)
			for (uint16_t i = 0; i < (p == port ? vf : p->num_vfs); i++)
				if (mac_equal(mac, &p->vf[i].policy.mac))
					return reader_refuse(reader,
							     "VF %u's mac %s is VF %u's of %s too",
							     vf, text, i, p->pci);
	}
	return 0;
}

static int
read_port(struct reader *reader, const json_t *value, struct config *config)
{
	struct config_port *port = &config->port[config->nb_ports];
	const json_t *vfs;
	size_t mark;
	int rc;

	*port = (struct config_port){
		.mtu = CONFIG_MTU_DEFAULT, .restore = true, .loopback = true,
		.watch = watch_rules_default,
	};
	for (uint16_t vf = 0; vf < CONFIG_VFS_MAX; vf++)
		vf_defaults(&port->vf[vf]);
	rc = reader_object(reader, value, port_keys, port);
	vfs = json_object_get(value, "vfs");
	if (rc == 0 && vfs != NULL) {
		mark = reader_enter(reader, "vfs");
		rc = read_vfs(reader, vfs, port);
		reader_leave(reader, mark);
	}
	if (rc == 0)
		rc = check_external(reader, value, port);
	for (uint16_t i = 0; i < config->nb_ports && rc == 0; i++)
		if (strcmp(config->port[i].pci, port->pci) == 0)
			rc = reader_refuse(reader, "%s is listed twice", port->pci);
	if (rc == 0)
		rc = check_macs(reader, config, port);
	if (rc == 0)
		config->nb_ports++;
	return rc;
}

static int
read_ports(struct reader *reader, const json_t *value, void *field)
{
	struct config *config = field;
	size_t nb = json_array_size(value);
	int rc = 0;

	if (!json_is_array(value))
		return reader_refuse_value(reader, value, "an array");
	if (nb < 1 || nb > CONFIG_PORTS_MAX)
		return reader_refuse(reader, "%zu entries, not 1..%u", nb, CONFIG_PORTS_MAX);
	if (config->nb_ports + nb > CONFIG_PORTS_MAX)
		return reader_refuse(reader, "%zu entries, and %u in other files: not 1..%u", nb,
				     config->nb_ports, CONFIG_PORTS_MAX);
	for (size_t i = 0; i < nb && rc == 0; i++) {
		size_t mark = reader_enter_index(reader, i);

		rc = read_port(reader, json_array_get(value, i), config);
		reader_leave(reader, mark);
	}
	return rc;
}

static const struct key root_keys[] = {
	{ "control_socket", false, offsetof(struct config, control_socket), read_path,
	  .schema = PATH },
	{ "control_group", false, offsetof(struct config, control_group), read_name,
	  .schema = TEXT(31, "^.+$") },
	{ "state_dir", false, offsetof(struct config, state_dir), read_path, .schema = PATH },
	{ "audit_log", false, offsetof(struct config, audit_log), read_path, .schema = PATH },
	{ "hugepages_mb", false, offsetof(struct config, hugepages_mb), read_hugepages_mb,
	  .schema = INTEGER(HUGEPAGES_MB_MIN, HUGEPAGES_MB_MAX) },
	{ "lcore", false, offsetof(struct config, lcore), read_lcore,
	  .schema = INTEGER(0, LCORE_MAX) },
	{ "eal", false, 0, read_eal,
	  .schema = "{\"type\":\"array\",\"maxItems\":16,\"items\":" TEXT(255, "^.+$") "}" },
	{ "log_level", false, offsetof(struct config, log_level), read_log_level,
	  .schema = "{\"enum\":[\"error\",\"warning\",\"info\",\"debug\"]}" },
	{ "sandbox", false, offsetof(struct config, sandbox), read_switch, .schema = SWITCH },
	{ "telemetry", false, offsetof(struct config, telemetry), read_switch, .schema = SWITCH },
	{ "ports", true, 0, read_ports, .items = port_keys, .rules = port_rules },
	{ NULL },
};

/* --- One configuration in several files --- */

static const char *
name_of_root_key(size_t i)
{
	return root_keys[i].name;
}

static int
refuse_global(struct reader *reader, size_t i, const json_t *value, void *field)
{
	(void)i;
	(void)value;
	(void)field;
	return reader_refuse(reader, "stands in " CONFIG_GLOBAL_FILE " only");
}

static int
read_global(struct reader *reader, size_t i, const json_t *value, void *field)
{
	return root_keys[i].read(reader, value, (char *)field + root_keys[i].offset);
}

static const struct key_set global_set = { name_of_root_key, read_global };
static const struct key_set refused_set = { name_of_root_key, refuse_global };

static const struct key *const part_keys[] = {
	[SCHEMA_WHOLE] = root_keys,
	[SCHEMA_GLOBAL] = (const struct key[]){ { .set = &global_set }, { NULL } },
	[SCHEMA_PORTS] = (const struct key[]){ { "ports", true, 0, read_ports },
					       { .set = &refused_set },
					       { NULL } },
};

int
schema_read(struct reader *reader, const json_t *root, enum schema_part part, struct config *config)
{
	return reader_object(reader, root, part_keys[part], config);
}

const struct key *
schema_keys(void)
{
	return root_keys;
}
