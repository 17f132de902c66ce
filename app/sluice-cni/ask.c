/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/* What sluiced is asked over its control socket. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "client.h"
#include "cni.h"

#define TIMEOUT_MS 20000

static int
code_of_status(int status)
{
	switch (status) {
	case EX_USAGE:
		return CNI_BAD_CONFIG;
	case EX_NOPERM:
		return CNI_NOT_PERMITTED;
	default:
		return CNI_TRY_AGAIN;
	}
}

static int
ask(struct cni *cni, const struct control_request *request, struct control_reply *reply)
{
	char error[CONTROL_ERROR_BYTES], *answer = NULL, *line = control_request_encode(request);
	int rc = line == NULL ? -ENOMEM
			      : control_call(cni->conf.socket, line, TIMEOUT_MS, &answer, error);

	free(line);
	if (rc == -ENOMEM)
		return cni_fail(cni, CNI_IO, "out of memory");
	if (rc < 0)
		return cni_fail(cni, rc == -EACCES ? CNI_NOT_PERMITTED : CNI_TRY_AGAIN, "%s",
				error);
	rc = control_reply_decode(answer, strlen(answer), reply);
	free(answer);
	if (rc < 0)
		return cni_fail(cni, CNI_IO, "%s: what answers there is no sluiced",
				cni->conf.socket);
	if (reply->ok)
		return 0;
	json_decref(reply->object);
	return cni_fail(cni, code_of_status(reply->code), "%s", reply->error);
}

int
ask_find(struct cni *cni, const char *pci, struct vf_place *place, struct vf_policy *policy,
	 struct mac_addr *mac)
{
	static struct control_state state; /* large */
	const struct control_request request = { .cmd = CONTROL_SHOW, .vf = CONTROL_VF_NONE };
	struct control_reply reply;
	int rc = ask(cni, &request, &reply);

	if (rc != 0)
		return rc;
	rc = control_state_decode(reply.object, &state);
	json_decref(reply.object);
	if (rc < 0)
		return cni_fail(cni, CNI_IO, "%s: sluiced's reply is of another version",
				cni->conf.socket);
	for (uint16_t i = 0; i < state.nb_ports; i++)
		for (uint16_t n = 0; n < state.port[i].nb_vfs; n++) {
			const struct control_vf *vf = &state.port[i].vf[n];

			if (strcmp(vf->pci, pci) != 0)
				continue;
			snprintf(place->port, sizeof(place->port), "%s", state.port[i].pci);
			place->vf = vf->vf;
			*policy = vf->policy;
			*mac = vf->mac;
			return 0;
		}
	return cni_fail(cni, CNI_BAD_CONFIG, "deviceID: %s is no VF of sluiced's", pci);
}

int
ask_set(struct cni *cni, const struct vf_place *place, unsigned int keys,
	const struct vf_policy *policy, enum control_hold hold)
{
	struct control_request request = {
		.cmd = CONTROL_SET,
		.vf = place->vf,
		.hold = hold,
		.keys = keys,
		.policy = *policy,
	};
	struct control_reply reply;
	int rc;

	if (keys == 0)
		return 0;
	snprintf(request.pci, sizeof(request.pci), "%s", place->port);
	rc = ask(cni, &request, &reply);
	if (rc == 0)
		json_decref(reply.object);
	return rc;
}
