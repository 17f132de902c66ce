/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/*
 * The network configuration: sriov-cni's keys and forms of values, of which each has a row here
 * that says which key of a VF's policy it is.
 */

#include <stdio.h>
#include <string.h>

#include "cni.h"

static const struct {
	const char *name, *policy;
} policy_rows[] = {
	{ "mac", "mac" },
	{ "vlan", "vlan" },
	{ "vlanQoS", "qos" },
	{ "vlanProto", "proto" },
	{ "min_tx_rate", "min_tx_rate" },
	{ "max_tx_rate", "max_tx_rate" },
	{ "spoofchk", "spoofchk" },
	{ "trust", "trust" },
	{ "link_state", "state" },
};

#define NB_POLICY_ROWS (sizeof(policy_rows) / sizeof(policy_rows[0]))

/* Of a runtime, of other plugins, or for people. Those of "cni.dev/" are the runtime's too. */
static const char *const other_keys[] = {
	"args",       "capabilities", "cniVersion",    "cniVersions", "disableCheck", "disableGC",
	"dns",        "ipMasq",       "logFile",       "logLevel",    "name",         "pciBusID",
	"prevResult", "resourceName", "runtimeConfig", "type",
};

static int
read_name(struct reader *reader, const json_t *value, void *field)
{
	const char *text = json_string_value(value);

	if (text == NULL || !cni_name_is_good(text))
		return reader_refuse_value(reader, value,
					   "made of letters, digits, '_', '.' and '-'");
	snprintf(field, CNI_NAME_BYTES, "%s", text);
	return 0;
}

static int
read_path(struct reader *reader, const json_t *value, void *field)
{
	const char *text = json_string_value(value);

	if (text == NULL || text[0] != '/')
		return reader_refuse_value(reader, value, "an absolute path");
	return read_text(reader, value, field, CONFIG_PATH_BYTES);
}

static int
read_ipam(struct reader *reader, const json_t *value, void *field)
{
	const json_t *type = json_object_get(value, "type");
	size_t mark;
	int rc;

	if (!json_is_object(value))
		return reader_refuse_value(reader, value, "an object");
	if (type == NULL || json_string_length(type) == 0)
		return 0;
	mark = reader_enter(reader, "type");
	rc = read_name(reader, type, field);
	reader_leave(reader, mark);
	return rc;
}

/* With sriov-cni, empty text is as nothing. */
static int
read_policy(struct reader *reader, size_t row, const json_t *value, struct netconf *conf)
{
	const struct policy_key *key = policy_key_find(policy_rows[row].policy);
	int rc;

	if (json_is_string(value) && json_string_length(value) == 0)
		return 0;
	rc = policy_key_read(key, reader, value, &conf->policy);
	if (rc == 0)
		conf->keys |= 1u << (key - policy_keys);
	return rc;
}

static bool
sets(const struct netconf *conf, const char *policy)
{
	return (conf->keys >> (policy_key_find(policy) - policy_keys) & 1) != 0;
}

static bool
is_known(const char *name)
{
	static const char *const ours[] = { "deviceID", "controlSocket", "stateDir", "ipam" };

	for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
		if (strcmp(name, ours[i]) == 0)
			return true;
	for (size_t i = 0; i < NB_POLICY_ROWS; i++)
		if (strcmp(name, policy_rows[i].name) == 0)
			return true;
	for (size_t i = 0; i < sizeof(other_keys) / sizeof(other_keys[0]); i++)
		if (strcmp(name, other_keys[i]) == 0)
			return true;
	return strncmp(name, "cni.dev/", strlen("cni.dev/")) == 0;
}

static int
refuse_unknown(struct cni *cni)
{
	const char *name;
	json_t *value;

	json_object_foreach(cni->config, name, value)
	{
		struct reader reader = { .path = "" };

		if (is_known(name))
			continue;
		(void)reader_enter(&reader, name);
		(void)reader_refuse_value(&reader, value, "for a key of sluice-cni's");
		return cni_fail(cni, CNI_UNSUPPORTED_FIELD, "%s", reader.error);
	}
	return 0;
}

/* One key of the configuration, if it is there. */
static int
read_key(struct cni *cni, const char *name,
	 int (*read)(struct reader *reader, const json_t *value, void *field), void *field)
{
	const json_t *value = json_object_get(cni->config, name);
	struct reader reader = { .path = "" };

	(void)reader_enter(&reader, name);
	if (value == NULL || read(&reader, value, field) == 0)
		return 0;
	return cni_fail(cni, CNI_BAD_CONFIG, "%s", reader.error);
}

static int
read_place(struct cni *cni)
{
	struct netconf *conf = &cni->conf;
	int rc;

	snprintf(conf->socket, sizeof(conf->socket), CONFIG_DEFAULT_SOCKET);
	snprintf(conf->state_dir, sizeof(conf->state_dir), CNI_DEFAULT_STATE);
	rc = read_key(cni, "name", read_name, conf->name);
	if (rc == 0 && conf->name[0] == '\0')
		rc = cni_fail(cni, CNI_BAD_CONFIG, "name: missing");
	if (rc == 0)
		rc = read_key(cni, "controlSocket", read_path, conf->socket);
	if (rc == 0)
		rc = read_key(cni, "stateDir", read_path, conf->state_dir);
	return rc == 0 ? read_key(cni, "ipam", read_ipam, conf->ipam) : rc;
}

/* What none of these NICs can do is told apart from what nothing could. */
static int
code_of_refusal(const char *name, const json_t *value)
{
	const char *text = json_string_value(value);

	if (strcmp(name, "vlanProto") == 0 && text != NULL && strcasecmp(text, "802.1ad") == 0)
		return CNI_UNSUPPORTED_FIELD;
	if (strcmp(name, "min_tx_rate") == 0 && json_integer_value(value) > 0)
		return CNI_UNSUPPORTED_FIELD;
	return CNI_BAD_CONFIG;
}

/* @p value NULL: not there */
static int
read_row(struct cni *cni, size_t row, const json_t *value, const char *shown)
{
	struct reader reader = { .path = "" };

	(void)reader_enter(&reader, shown);
	if (value == NULL || read_policy(&reader, row, value, &cni->conf) == 0)
		return 0;
	return cni_fail(cni, code_of_refusal(policy_rows[row].name, value), "%s", reader.error);
}

/* "K8S_POD_NAME=x;MAC=02:...": of a pair that nobody knows the runtime may say that it is so. */
static int
read_args(struct cni *cni)
{
	char unknown[64] = "", *text = cni->args == NULL ? NULL : strdup(cni->args), *rest = text;
	bool ignore = false;
	int rc = 0;

	for (char *pair; rc == 0 && (pair = strsep(&rest, ";")) != NULL;) {
		char *value = strchr(pair, '=');

		if (value != NULL)
			*value++ = '\0';
		if (pair[0] == '\0' && value == NULL)
			continue;
		if (value == NULL) {
			rc = cni_fail(cni, CNI_BAD_ENVIRONMENT, "CNI_ARGS: %s is no KEY=VALUE",
				      pair);
		} else if (strcmp(pair, "MAC") == 0) {
			json_t *mac = json_string(value);

			rc = read_row(cni, 0, mac, "CNI_ARGS.MAC");
			json_decref(mac);
		} else if (strcmp(pair, "IgnoreUnknown") == 0) {
			ignore = strcmp(value, "1") == 0 || strcasecmp(value, "true") == 0;
		} else {
			snprintf(unknown, sizeof(unknown), "%s", pair);
		}
	}
	free(text);
	if (rc == 0 && unknown[0] != '\0' && !ignore)
		return cni_fail(cni, CNI_BAD_ENVIRONMENT,
				"CNI_ARGS: %s is not MAC or IgnoreUnknown", unknown);
	return rc;
}

/* The last word on the MAC is the pod's. */
static int
read_policies(struct cni *cni)
{
	const json_t *runtime = json_object_get(cni->config, "runtimeConfig");
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < NB_POLICY_ROWS; i++)
		rc = read_row(cni, i, json_object_get(cni->config, policy_rows[i].name),
			      policy_rows[i].name);
	if (rc == 0)
		rc = read_args(cni);
	return rc == 0 ? read_row(cni, 0, json_object_get(runtime, "mac"), "runtimeConfig.mac")
		       : rc;
}

static int
check_together(struct cni *cni)
{
	struct netconf *conf = &cni->conf;

	if (conf->device[0] == '\0')
		return cni_fail(cni, CNI_BAD_CONFIG,
				"deviceID: missing: the VF's PCI address, which a "
				"device plugin allocates");
	if (!sets(conf, "vlan") && (sets(conf, "qos") || sets(conf, "proto")))
		return cni_fail(cni, CNI_BAD_CONFIG, "%s: needs a vlan",
				sets(conf, "qos") ? "vlanQoS" : "vlanProto");
	if (conf->policy.qos != 0 && conf->policy.vlan == 0)
		return cni_fail(cni, CNI_BAD_CONFIG, "vlanQoS: %u needs a vlan other than 0",
				conf->policy.qos);
	/* As sriov-cni: a VLAN without a priority has priority 0. */
	if (sets(conf, "vlan"))
		conf->keys |= 1u << (policy_key_find("qos") - policy_keys);
	return 0;
}

int
netconf_read(struct cni *cni, bool strict)
{
	int rc = read_place(cni);

	if (rc != 0 || !strict)
		return rc;
	rc = refuse_unknown(cni);
	if (rc == 0)
		rc = read_key(cni, "deviceID", read_pci, cni->conf.device);
	if (rc == 0)
		rc = read_policies(cni);
	/* A device plugin names the VF when there is a container for it. */
	if (rc == 0 && strcmp(cni->command, "STATUS") != 0)
		rc = check_together(cni);
	return rc;
}
