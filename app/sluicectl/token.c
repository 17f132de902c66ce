/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/* `sluicectl token`: the VF token, for --vfio-vf-token of who opens a VF. One thread. */

#include <stdio.h>
#include <sysexits.h>

#include "ctl.h"

int
token_main(struct ctl *ctl, int argc, char **argv)
{
	struct control_request request;
	struct control_reply reply;
	const char *token;
	int rc;

	if (argc > 1)
		return ctl_refuse("%s: not expected here", argv[1]);
	rc = ctl_request(ctl, CONTROL_TOKEN, &request);
	if (rc == EX_OK)
		rc = ctl_ask(ctl, &request, &reply);
	if (rc != EX_OK)
		return rc;
	token = json_string_value(json_object_get(reply.object, "token"));
	if (!ctl->json)
		puts(token == NULL ? "" : token);
	json_decref(reply.object);
	return token == NULL ? EX_PROTOCOL : EX_OK;
}
