/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "protocol.h"

/* Takes the object over. */
static char *
line_of(json_t *object)
{
	char *text = json_dumps(object, JSON_COMPACT);
	char *line = NULL;

	if (text != NULL && asprintf(&line, "%s\n", text) < 0)
		line = NULL;
	free(text);
	json_decref(object);
	return line;
}

char *
control_reply_ok(void)
{
	return line_of(json_pack("{s:b}", "ok", 1));
}

char *
control_reply_token(const char *token)
{
	return line_of(json_pack("{s:b, s:s}", "ok", 1, "token", token));
}

char *
control_reply_error(int code, const char *error)
{
	return line_of(json_pack("{s:b, s:i, s:s}", "ok", 0, "code", code, "error", error));
}

char *
control_reply_state(const struct control_state *state)
{
	return line_of(json_pack("{s:b, s:o}", "ok", 1, "ports", control_state_encode(state)));
}

int
control_reply_decode(const char *line, size_t bytes, struct control_reply *reply)
{
	const char *error = NULL;
	int ok = 0;

	memset(reply, 0, sizeof(*reply));
	reply->object = json_loadb(line, bytes, JSON_REJECT_DUPLICATES, NULL);
	if (reply->object == NULL || json_unpack(reply->object, "{s:b}", "ok", &ok) < 0)
		goto release;
	reply->ok = ok;
	if (ok)
		return 0;
	if (json_unpack(reply->object, "{s:i, s:s}", "code", &reply->code, "error", &error) < 0)
		goto release;
	snprintf(reply->error, sizeof(reply->error), "%s", error);
	return 0;

release:
	json_decref(reply->object);
	reply->object = NULL;
	return -EINVAL;
}
