/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/*
 * `sluicectl set`: words as of ip-link(8)'s "vf" part become one request, which the daemon takes or
 * refuses as a whole. One thread, as in all of sluicectl.
 */

#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "ctl.h"
#include "policy_keys.h"

#define VALUE_BYTES 32 /* of one that is two words */

/* "mirror vf 3" is as "mirror 'vf 3'". */
static bool
is_two_words(const char *name, int argc, char **argv)
{
	const struct policy_key *key = policy_key_find(name);

	return key != NULL && key->before != NULL && argc > 1 &&
	       strcmp(argv[0], key->before) == 0 && strlen(argv[1]) < VALUE_BYTES / 2;
}

/* A key and the value behind it. @return how many words these are; 0: error is filled */
static int
read_pair(struct control_request *request, int argc, char **argv, char *error)
{
	char value[VALUE_BYTES];
	int nb = 2;

	if (argc < nb) {
		snprintf(error, CONTROL_ERROR_BYTES, "%s: to what?", argv[0]);
		return 0;
	}
	if (is_two_words(argv[0], argc - 1, argv + 1)) {
		snprintf(value, sizeof(value), "%s %s", argv[1], argv[2]);
		nb++;
	}
	return control_request_set(request, argv[0], nb == 2 ? argv[1] : value, error) < 0 ? 0 : nb;
}

static int
read_pairs(struct control_request *request, int argc, char **argv)
{
	char error[CONTROL_ERROR_BYTES];

	if (argc == 0)
		return ctl_refuse("nothing to set: name a key, such as vlan; see --help");
	for (int i = 0, nb; i < argc; i += nb) {
		nb = read_pair(request, argc - i, argv + i, error);
		if (nb == 0)
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
