/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "netdev.h"
#include "release.h"

#define RETURN_STEP_US 100000
#define RETURN_STEPS   50 /* a namespace's end takes the kernel a while */

static bool
is_gone(const struct attachment *attachment)
{
	char driver[CNI_NAME_BYTES], name[CNI_IFNAME_BYTES];

	return attachment->in_sysfs && !netdev_look_up(attachment->device, driver, name);
}

/* Each key by itself, as one alone may be impossible by now: a MAC that is another VF's. */
static int
restore_each(struct cni *cni, const struct vf_place *place, const struct attachment *attachment)
{
	int rc = 0;

	for (size_t i = 0; i < policy_keys_nb; i++) {
		int one = ask_set(cni, place, attachment->keys & 1u << i, &attachment->before,
				  CONTROL_HOLD_OFF);

		if (one == CNI_BAD_CONFIG)
			fprintf(stderr, "sluice-cni: %s stays: %s\n", policy_keys[i].name,
				cni->error);
		else if (one != 0)
			rc = one;
	}
	return rc;
}

static int
restore_policy(struct cni *cni, const struct attachment *attachment)
{
	struct vf_policy policy;
	struct vf_place place;
	struct mac_addr mac;
	int rc = ask_find(cni, attachment->device, &place, &policy, &mac);

	if (rc == CNI_BAD_CONFIG || (rc == CNI_TRY_AGAIN && is_gone(attachment)))
		return 0;
	if (rc == 0)
		rc = ask_set(cni, &place, attachment->keys, &attachment->before,
			     CONTROL_HOLD_OFF);
	return rc == CNI_BAD_CONFIG ? restore_each(cni, &place, attachment) : rc;
}

/* Some drivers have it already, from their PF; others do not get it. */
static void
restore_mac(struct cni *cni, const struct netns *own, const struct attachment *attachment)
{
	struct netdev_state state;
	struct mac_addr mac;

	if (mac_parse(attachment->netdev_mac, &mac) < 0 ||
	    !netdev_state(own, attachment->netdev, &state) || mac_equal(&state.mac, &mac))
		return;
	if (netdev_set_mac(cni, own, attachment->netdev, &mac) != 0)
		fprintf(stderr, "sluice-cni: %s\n", cni->error);
}

/* Its namespace is gone, so it is here, or will be soon, by the name that it had there. */
static int
take_in(struct cni *cni, const struct netns *own, const struct attachment *attachment)
{
	char driver[CNI_NAME_BYTES], name[CNI_IFNAME_BYTES];
	int rc = 0;

	for (int i = 0; i < RETURN_STEPS; i++) {
		if (!netdev_look_up(attachment->device, driver, name) || driver[0] == '\0')
			return 0;
		if (name[0] != '\0')
			break;
		usleep(RETURN_STEP_US);
	}
	if (name[0] != '\0' && strcmp(name, attachment->netdev) != 0) {
		rc = netdev_set_up(cni, own, name, false);
		if (rc == 0)
			rc = netdev_rename(cni, own, name, attachment->netdev);
	}
	return rc;
}

static int
bring_home(struct cni *cni, const struct netns *own, const struct attachment *attachment)
{
	char driver[CNI_NAME_BYTES], name[CNI_IFNAME_BYTES];
	struct netns there;
	int rc;

	if (!netdev_look_up(attachment->device, driver, name))
		return 0;
	if (name[0] != '\0' || netns_open(cni, attachment->netns, &there) != 0)
		return take_in(cni, own, attachment);
	rc = netdev_state(&there, attachment->ifname, NULL)
		     ? netdev_move(cni, &there, attachment->ifname, own, attachment->netdev)
		     : 0;
	netns_close(&there);
	return rc;
}

static int
restore_netdev(struct cni *cni, const struct attachment *attachment)
{
	struct netns own;
	int rc;

	if (attachment->netdev[0] == '\0')
		return 0;
	rc = netns_open(cni, NULL, &own);
	if (rc != 0)
		return rc;
	rc = bring_home(cni, &own, attachment);
	if (rc == 0)
		restore_mac(cni, &own, attachment);
	netns_close(&own);
	return rc;
}

/* The policy first: down, on its way home, a kernel driver asks the PF for its address. */
int
release(struct cni *cni, const struct attachment *attachment)
{
	char why[CNI_ERROR_BYTES];
	int rc = restore_policy(cni, attachment), moved;

	memcpy(why, cni->error, sizeof(why));
	moved = restore_netdev(cni, attachment);
	if (rc != 0)
		return cni_fail(cni, rc, "%s", why);
	if (moved == 0)
		attachment_forget(cni, attachment);
	return moved;
}
