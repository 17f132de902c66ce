/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/* quarantine and release: what an operator does about a VF by hand. */

#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "ctl.h"

static int
ask(struct ctl *ctl, const struct control_request *request)
{
	struct control_reply reply;
	int rc = ctl_ask(ctl, request, &reply);

	if (rc == EX_OK)
		json_decref(reply.object);
	return rc;
}

/* What is left of the line, so that it need not be quoted. */
static int
read_reason(struct control_request *request, int argc, char **argv)
{
	size_t used = 0;

	for (int i = 0; i < argc; i++) {
		used += snprintf(request->reason + used, sizeof(request->reason) - used, "%s%s",
				 i == 0 ? "" : " ", argv[i]);
		if (used >= sizeof(request->reason))
			return ctl_refuse("reason: longer than %zu bytes",
					  sizeof(request->reason) - 1);
	}
	return EX_OK;
}

static int
target(struct ctl *ctl, enum control_cmd cmd, int *argc, char ***argv,
       struct control_request *request)
{
	const char *name = **argv;
	int rc = ctl_request(ctl, cmd, request);

	--*argc;
	++*argv;
	if (rc == EX_OK)
		rc = ctl_target(request, argc, argv);
	if (rc == EX_OK && request->vf == CONTROL_VF_NONE)
		rc = ctl_refuse("%s: which VF? As in: %s vf 0", name, name);
	return rc;
}

int
quarantine_main(struct ctl *ctl, int argc, char **argv)
{
	struct control_request request;
	int rc = target(ctl, CONTROL_QUARANTINE, &argc, &argv, &request);

	if (rc == EX_OK)
		rc = read_reason(&request, argc, argv);
	return rc == EX_OK ? ask(ctl, &request) : rc;
}

int
release_main(struct ctl *ctl, int argc, char **argv)
{
	struct control_request request;
	int rc = target(ctl, CONTROL_RELEASE, &argc, &argv, &request);

	if (rc == EX_OK && argc > 0)
		rc = ctl_refuse("%s: not expected here", argv[0]);
	return rc == EX_OK ? ask(ctl, &request) : rc;
}
