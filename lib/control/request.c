/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "protocol.h"

static const char *const cmd_names[] = {
	[CONTROL_SHOW] = "show",
	[CONTROL_SET] = "set",
	[CONTROL_TOKEN] = "token",
	[CONTROL_STOP] = "stop",
	[CONTROL_DRAIN] = "drain",
	[CONTROL_UPGRADE] = "upgrade",
	[CONTROL_QUARANTINE] = "quarantine",
	[CONTROL_RELEASE] = "release",
	[CONTROL_WATCH] = "watch",
	[CONTROL_CAPTURE] = "capture",
	[CONTROL_VFS] = "vfs",
};

#define NB_CMDS	   (sizeof(cmd_names) / sizeof(cmd_names[0]))
#define NAME_BYTES 16

static int
read_cmd(struct reader *reader, const json_t *value, void *field)
{
	const char *text = json_string_value(value);
	enum control_cmd *cmd = field;
	char names[NB_CMDS * NAME_BYTES] = "";

	for (size_t i = 0; text != NULL && i < NB_CMDS; i++)
		if (strcmp(text, cmd_names[i]) == 0) {
			*cmd = i;
			return 0;
		}
	for (size_t i = 0; i < NB_CMDS; i++)
		snprintf(names + strlen(names), sizeof(names) - strlen(names), "%s%s",
			 i == 0 ? "" : ", ", cmd_names[i]);
	return reader_refuse_value(reader, value, "one of %s", names);
}

static int
read_vf(struct reader *reader, const json_t *value, void *field)
{
	int64_t index = 0;
	int *vf = field;
	int rc = read_integer(reader, value, 0, CONFIG_VFS_MAX - 1, &index);

	if (rc == 0)
		*vf = index;
	return rc;
}

static int
read_num_vfs(struct reader *reader, const json_t *value, void *field)
{
	int64_t number = 0;
	int *num_vfs = field;
	int rc = read_integer(reader, value, 0, CONFIG_VFS_MAX, &number);

	if (rc == 0)
		*num_vfs = number;
	return rc;
}

static int
read_reason(struct reader *reader, const json_t *value, void *field)
{
	return read_text(reader, value, field, CONTROL_REASON_BYTES);
}

static int
read_snaplen(struct reader *reader, const json_t *value, void *field)
{
	int64_t bytes = 0;
	uint32_t *snaplen = field;
	int rc = read_integer(reader, value, 0, CONTROL_SNAP_MAX, &bytes);

	if (rc == 0)
		*snaplen = bytes;
	return rc;
}

static int
read_hold(struct reader *reader, const json_t *value, void *field)
{
	enum control_hold *hold = field;
	bool on = false;
	int rc = read_switch(reader, value, &on);

	if (rc == 0 && *hold != CONTROL_HOLD_AS_IS)
		return reader_refuse(reader, "given twice");
	if (rc == 0)
		*hold = on ? CONTROL_HOLD_ON : CONTROL_HOLD_OFF;
	return rc;
}

/* Commands that are about one VF. */
static bool
needs_vf(enum control_cmd cmd)
{
	return cmd == CONTROL_SET || cmd == CONTROL_QUARANTINE || cmd == CONTROL_RELEASE ||
	       cmd == CONTROL_CAPTURE;
}

/* Read for its value, and noted down as set. */
static int
read_policy_key(struct reader *reader, size_t i, const json_t *value, void *field)
{
	struct control_request *request = field;
	int rc = policy_key_read(&policy_keys[i], reader, value, &request->policy);

	if (rc == 0)
		request->keys |= 1u << i;
	return rc;
}

static const char *
name_of_policy_key(size_t i)
{
	return policy_keys[i].name;
}

static const struct key_set policy_key_rows = { name_of_policy_key, read_policy_key };

static const struct key request_keys[] = {
	{ "cmd", true, offsetof(struct control_request, cmd), read_cmd },
	{ "port", false, offsetof(struct control_request, pci), read_pci },
	{ "vf", false, offsetof(struct control_request, vf), read_vf },
	{ "num_vfs", false, offsetof(struct control_request, num_vfs), read_num_vfs },
	{ "reason", false, offsetof(struct control_request, reason), read_reason },
	{ "snaplen", false, offsetof(struct control_request, snaplen), read_snaplen },
	{ "hold", false, offsetof(struct control_request, hold), read_hold },
	{ .set = &policy_key_rows },
	{ NULL },
};

/* What an operator types behind "set vf N". */
static const struct key typed_keys[] = {
	{ .set = &policy_key_rows },
	{ "hold", false, offsetof(struct control_request, hold), read_hold },
	{ NULL },
};

static int
read_request(struct reader *reader, const json_t *object, struct control_request *request)
{
	int rc = reader_object(reader, object, request_keys, request);

	if (rc == 0 && needs_vf(request->cmd) && request->vf == CONTROL_VF_NONE)
		rc = reader_refuse(reader, "vf: missing");
	if (rc == 0 && request->cmd == CONTROL_VFS && request->num_vfs == CONTROL_NUM_VFS_NONE)
		rc = reader_refuse(reader, "num_vfs: missing");
	if (rc == 0 && request->cmd != CONTROL_VFS && request->num_vfs != CONTROL_NUM_VFS_NONE)
		rc = reader_refuse(reader, "only \"vfs\" takes num_vfs");
	if (rc == 0 && request->cmd == CONTROL_SET && request->keys == 0)
		rc = reader_refuse(reader, "nothing to set: name a key, such as vlan");
	if (rc == 0 && request->cmd != CONTROL_SET && request->keys != 0)
		rc = reader_refuse(reader, "only \"set\" takes a policy");
	if (rc == 0 && request->cmd != CONTROL_SET && request->hold != CONTROL_HOLD_AS_IS)
		rc = reader_refuse(reader, "only \"set\" takes hold");
	if (rc == 0 && request->cmd != CONTROL_QUARANTINE && request->reason[0] != '\0')
		rc = reader_refuse(reader, "only \"quarantine\" takes a reason");
	if (rc == 0 && request->cmd != CONTROL_CAPTURE && request->snaplen != 0)
		rc = reader_refuse(reader, "only \"capture\" takes a snaplen");
	return rc;
}

int
control_request_decode(const char *line, size_t bytes, struct control_request *request,
		       char error[CONTROL_ERROR_BYTES])
{
	struct reader reader = { .path = "" };
	json_error_t where;
	json_t *object;
	int rc;

	memset(request, 0, sizeof(*request));
	request->vf = CONTROL_VF_NONE;
	request->num_vfs = CONTROL_NUM_VFS_NONE;
	object = json_loadb(line, bytes, JSON_REJECT_DUPLICATES, &where);
	if (object == NULL) {
		value_make_printable(where.text);
		snprintf(error, CONTROL_ERROR_BYTES, "column %d: %s", where.column, where.text);
		return -EINVAL;
	}
	rc = read_request(&reader, object, request);
	if (rc < 0)
		snprintf(error, CONTROL_ERROR_BYTES, "%s", reader.error);
	json_decref(object);
	return rc;
}

static int
encode_policy(json_t *object, const struct control_request *request)
{
	int rc = 0;

	for (size_t i = 0; i < policy_keys_nb; i++)
		if ((request->keys >> i & 1) != 0)
			rc |= json_object_set_new(object, policy_keys[i].name,
						  policy_key_encode(&policy_keys[i],
								    &request->policy));
	return rc;
}

char *
control_request_encode(const struct control_request *request)
{
	json_t *object = json_pack("{s:s}", "cmd", cmd_names[request->cmd]);
	char *text = NULL, *line = NULL;
	int rc = 0;

	if (request->pci[0] != '\0')
		rc |= json_object_set_new(object, "port", json_string(request->pci));
	if (request->vf != CONTROL_VF_NONE)
		rc |= json_object_set_new(object, "vf", json_integer(request->vf));
	if (request->cmd == CONTROL_VFS)
		rc |= json_object_set_new(object, "num_vfs", json_integer(request->num_vfs));
	if (request->reason[0] != '\0')
		rc |= json_object_set_new(object, "reason", json_string(request->reason));
	if (request->snaplen != 0)
		rc |= json_object_set_new(object, "snaplen", json_integer(request->snaplen));
	if (request->hold != CONTROL_HOLD_AS_IS)
		rc |= json_object_set_new(object, "hold",
					  json_boolean(request->hold == CONTROL_HOLD_ON));
	rc |= encode_policy(object, request);
	if (rc == 0)
		text = json_dumps(object, JSON_COMPACT);
	if (text != NULL && asprintf(&line, "%s\n", text) < 0)
		line = NULL;
	free(text);
	json_decref(object);
	return line;
}

/* What an operator types has no types: a number is what looks like one. */
static json_t *
value_of_text(const char *text)
{
	char *end;
	long long number;

	errno = 0;
	number = strtoll(text, &end, 10);
	if (end != text && *end == '\0' && errno == 0)
		return json_integer(number);
	return json_string(text);
}

int
control_request_set(struct control_request *request, const char *key, const char *text,
		    char error[CONTROL_ERROR_BYTES])
{
	const struct policy_key *known = policy_key_find(key);
	struct reader reader = { .path = "" };
	json_t *object, *value = value_of_text(text);
	int rc;

	if (known != NULL && (request->keys >> (known - policy_keys) & 1) != 0) {
		json_decref(value);
		snprintf(error, CONTROL_ERROR_BYTES, "%s: given twice", key);
		return -EINVAL;
	}
	object = value == NULL ? NULL : json_pack("{s:o}", key, value);
	if (object == NULL) {
		snprintf(error, CONTROL_ERROR_BYTES, "%s: not valid UTF-8", key);
		value_make_printable(error);
		return -EINVAL;
	}
	rc = reader_object(&reader, object, typed_keys, request);
	if (rc < 0)
		snprintf(error, CONTROL_ERROR_BYTES, "%s", reader.error);
	json_decref(object);
	return rc;
}

static unsigned int
bit_of(const char *name)
{
	return 1u << (policy_key_find(name) - policy_keys);
}

unsigned int
control_request_keys(const struct control_request *request)
{
	bool has_vlan = (request->keys & bit_of("vlan")) != 0;

	return request->keys | (has_vlan ? bit_of("qos") : 0);
}

/* What is decided and not named is as in a policy that is all zero. */
static void
merge(const struct control_request *request, struct vf_policy *policy)
{
	unsigned int decided = control_request_keys(request);
	static const struct vf_policy none;

	for (size_t i = 0; i < policy_keys_nb; i++)
		if ((decided >> i & 1) != 0)
			policy_key_copy(&policy_keys[i],
					(request->keys >> i & 1) != 0 ? &request->policy : &none,
					policy);
}

int
control_request_apply(const struct control_request *request, uint16_t nb_vfs,
		      struct vf_policy *policy, char error[CONTROL_ERROR_BYTES])
{
	struct reader reader = { .path = "" };
	struct vf_policy wanted = *policy;
	int rc;

	merge(request, &wanted);
	rc = check_policy(&reader, &wanted, request->vf, nb_vfs);
	if (rc < 0)
		snprintf(error, CONTROL_ERROR_BYTES, "%s", reader.error);
	else
		*policy = wanted;
	return rc;
}
