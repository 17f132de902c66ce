/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/* vfs: as many VFs as wanted, as by `echo N > sriov_numvfs`. */

#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "ctl.h"

static int
read_number(struct control_request *request, const char *text)
{
	char *end;
	long nb = strtol(text, &end, 10);

	if (*text == '\0' || *end != '\0' || nb < 0 || nb > CONFIG_VFS_MAX)
		return ctl_refuse("create: %s is not in 0..%d", text, CONFIG_VFS_MAX);
	request->num_vfs = nb;
	return EX_OK;
}

static int
create(struct control_request *request, int argc, char **argv)
{
	if (argc == 0)
		return ctl_refuse("create: how many? As in: vfs create 4");
	if (argc > 1)
		return ctl_refuse("%s: not expected here", argv[1]);
	return read_number(request, argv[0]);
}

static int
destroy(struct control_request *request, int argc, char **argv)
{
	if (argc > 0)
		return ctl_refuse("%s: not expected here", argv[0]);
	request->num_vfs = 0;
	return EX_OK;
}

static const struct {
	const char *name;
	int (*read)(struct control_request *request, int argc, char **argv);
} actions[] = {
	{ "create", create },
	{ "destroy", destroy },
};

#define NB_ACTIONS (sizeof(actions) / sizeof(actions[0]))

static int
read_action(struct control_request *request, int argc, char **argv)
{
	for (size_t i = 0; argc > 0 && i < NB_ACTIONS; i++)
		if (strcmp(argv[0], actions[i].name) == 0)
			return actions[i].read(request, argc - 1, argv + 1);
	if (argc > 0)
		return ctl_refuse("%s: neither create nor destroy", argv[0]);
	return ctl_refuse("vfs: what? As in: vfs create 4, or vfs destroy");
}

int
vfs_main(struct ctl *ctl, int argc, char **argv)
{
	struct control_request request;
	struct control_reply reply;
	int rc = ctl_request(ctl, CONTROL_VFS, &request);

	argc--;
	argv++;
	/* A PORT, and no mistyped word, has a colon. */
	if (rc == EX_OK && argc > 0 && strchr(argv[0], ':') != NULL)
		rc = ctl_take_port(&request, &argc, &argv);
	if (rc == EX_OK)
		rc = read_action(&request, argc, argv);
	if (rc == EX_OK)
		rc = ctl_ask(ctl, &request, &reply);
	if (rc == EX_OK)
		json_decref(reply.object);
	return rc;
}
