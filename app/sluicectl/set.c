/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <sysexits.h>

#include "ctl.h"

static int
read_pairs(struct control_request *request, int argc, char **argv)
{
	char error[CONTROL_ERROR_BYTES];

	if (argc == 0)
		return ctl_refuse("nothing to set: name a key, such as vlan; see --help");
	for (int i = 0; i < argc; i += 2) {
		if (i + 1 == argc)
			return ctl_refuse("%s: to what?", argv[i]);
		if (control_request_set(request, argv[i], argv[i + 1], error) < 0)
			return ctl_refuse("%s", error);
	}
	return EX_OK;
}

int
set_main(struct ctl *ctl, int argc, char **argv)
{
	struct control_request request;
	struct control_reply reply;
	int rc = ctl_request(ctl, CONTROL_SET, &request);

	argc--;
	argv++;
	if (rc == EX_OK)
		rc = ctl_target(&request, &argc, &argv);
	if (rc == EX_OK && request.vf == CONTROL_VF_NONE)
		rc = ctl_refuse("set: which VF? As in: set vf 0 vlan 10");
	if (rc == EX_OK)
		rc = read_pairs(&request, argc, argv);
	if (rc == EX_OK)
		rc = ctl_ask(ctl, &request, &reply);
	if (rc == EX_OK)
		json_decref(reply.object);
	return rc;
}
