/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/*
 * ADD. What a DEL needs is on the disk before anything is changed; what fails half-way is undone.
 */

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "netdev.h"
#include "release.h"
#include "result.h"

#define SETTLE_STEP_US 50000
#define SETTLE_STEPS   100

static unsigned int
bit_of(const char *policy_key)
{
	return 1u << (policy_key_find(policy_key) - policy_keys);
}

static int
refuse_other(struct cni *cni, const struct attachment *other, void *ctx)
{
	(void)ctx;
	if (strcmp(other->container, cni->container) == 0 &&
	    strcmp(other->ifname, cni->ifname) == 0)
		return cni_fail(cni, CNI_EXISTS,
				"%s of %s is there already, with %s; DEL comes first", cni->ifname,
				cni->container, other->device);
	/* A DEL may be on its way. */
	if (strcmp(other->device, cni->conf.device) == 0)
		return cni_fail(cni, CNI_TRY_AGAIN, "deviceID: %s is %s's", other->device,
				other->container);
	return 0;
}

/* A container's namespace that is ours would have the netdev moved to where it is. */
static int
check_target(struct cni *cni)
{
	struct stat target, own;
	struct netns netns;
	bool taken;
	int rc;

	if (stat(cni->netns, &target) == 0 && stat("/proc/self/ns/net", &own) == 0 &&
	    target.st_dev == own.st_dev && target.st_ino == own.st_ino)
		return cni_fail(cni, CNI_BAD_ENVIRONMENT, "CNI_NETNS: %s is the host's own",
				cni->netns);
	rc = netns_open(cni, cni->netns, &netns);
	if (rc != 0)
		return rc;
	taken = netdev_state(&netns, cni->ifname, NULL);
	netns_close(&netns);
	return taken ? cni_fail(cni, CNI_EXISTS, "CNI_IFNAME: %s has a %s already", cni->netns,
				cni->ifname)
		     : 0;
}

static bool
is_for_userspace(const char *driver)
{
	static const char *const names[] = { "vfio-pci", "uio_pci_generic", "igb_uio" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(driver, names[i]) == 0)
			return true;
	return false;
}

/* Whose driver is it, and where is its netdev? */
static int
look_at_device(struct cni *cni, struct attachment *attachment)
{
	char driver[CNI_NAME_BYTES];
	struct netdev_state state;
	struct netns own;
	int rc;

	attachment->in_sysfs = netdev_look_up(attachment->device, driver, attachment->netdev);
	if (!attachment->in_sysfs || is_for_userspace(driver))
		return 0;
	if (attachment->netdev[0] == '\0')
		return cni_fail(cni, CNI_BAD_CONFIG,
				"deviceID: %s has driver %s, and no netdev here",
				attachment->device, driver[0] == '\0' ? "none" : driver);
	rc = check_target(cni);
	if (rc == 0)
		rc = netns_open(cni, NULL, &own);
	if (rc != 0)
		return rc;
	if (netdev_state(&own, attachment->netdev, &state))
		mac_format(&state.mac, attachment->netdev_mac);
	netns_close(&own);
	return 0;
}

static int
save_and_set(struct cni *cni, struct attachment *attachment, struct mac_addr *mac)
{
	struct vf_place place;
	int rc = ask_find(cni, attachment->device, &place, &attachment->before, mac);

	if (rc == 0)
		rc = look_at_device(cni, attachment);
	if (rc == 0)
		rc = attachment_save(cni, attachment);
	if (rc != 0)
		return rc;
	rc = ask_set(cni, &place, attachment->keys, &attachment->set, CONTROL_HOLD_ON);
	if (rc == CNI_BAD_CONFIG || rc == CNI_NOT_PERMITTED)
		attachment_forget(cni, attachment); /* nothing was set */
	return rc;
}

/* @param mac  in force until now */
static int
claim(struct cni *cni, struct attachment *attachment, struct mac_addr *mac)
{
	int lock, rc = attachment_lock(cni, &lock);

	if (rc != 0)
		return rc;
	snprintf(attachment->container, sizeof(attachment->container), "%s", cni->container);
	snprintf(attachment->ifname, sizeof(attachment->ifname), "%s", cni->ifname);
	snprintf(attachment->network, sizeof(attachment->network), "%s", cni->conf.name);
	snprintf(attachment->netns, sizeof(attachment->netns), "%s", cni->netns);
	snprintf(attachment->device, sizeof(attachment->device), "%s", cni->conf.device);
	attachment->keys = cni->conf.keys;
	attachment->set = cni->conf.policy;
	rc = attachment_each(cni, refuse_other, NULL);
	if (rc == 0)
		rc = save_and_set(cni, attachment, mac);
	close(lock);
	return rc;
}

/*
 * A kernel driver learns of its new address by a message, or where that does not get through by
 * going down and up; or it has to be told.
 */
static int
settle(struct cni *cni, const struct netns *netns, const struct mac_addr *wanted,
       struct netdev_state *state)
{
	int rc = netdev_set_up(cni, netns, cni->ifname, true);

	for (int i = 0; rc == 0 && i < SETTLE_STEPS; i++) {
		if (!netdev_state(netns, cni->ifname, state))
			return cni_fail(cni, CNI_FAILED, "%s: the netdev is gone", cni->ifname);
		if (mac_is_zero(wanted) || mac_equal(wanted, &state->mac))
			return 0;
		rc = netdev_set_up(cni, netns, cni->ifname, false);
		if (rc == 0)
			(void)netdev_set_mac(cni, netns, cni->ifname, wanted);
		if (rc == 0)
			rc = netdev_set_up(cni, netns, cni->ifname, true);
		usleep(SETTLE_STEP_US);
	}
	return rc != 0 ? rc
		       : cni_fail(cni, CNI_TRY_AGAIN,
				  "%s: its driver does not take the new "
				  "address",
				  cni->ifname);
}

static int
move_in(struct cni *cni, const struct attachment *attachment, struct netns *netns,
	struct netdev_state *state)
{
	static const struct mac_addr any;
	bool is_set = (attachment->keys & bit_of("mac")) != 0;
	struct netns own;
	int rc = netns_open(cni, NULL, &own);

	if (rc != 0)
		return rc;
	rc = netdev_move(cni, &own, attachment->netdev, netns, cni->ifname);
	netns_close(&own);
	return rc == 0 ? settle(cni, netns, is_set ? &attachment->set.mac : &any, state) : rc;
}

/* What sluiced pins; or else what the VF has had so far. */
static struct mac_addr
mac_of(const struct attachment *attachment, struct mac_addr in_force)
{
	const struct vf_policy *policy =
		(attachment->keys & bit_of("mac")) != 0 ? &attachment->set : &attachment->before;

	return mac_is_zero(&policy->mac) ? in_force : policy->mac;
}

/* @param netns  NULL: whatever drives the VF makes use of it */
static int
add_addresses(struct cni *cni, const struct netns *netns, json_t *result, size_t interface)
{
	json_t *ipam;
	int rc;

	if (cni->conf.ipam[0] == '\0')
		return 0;
	rc = ipam_run(cni, "ADD", &ipam);
	if (rc != 0)
		return rc;
	rc = result_add_ipam(cni, result, ipam, interface);
	if (rc == 0 && netns != NULL)
		rc = result_configure(cni, ipam, netns);
	json_decref(ipam);
	return rc;
}

static int
attach(struct cni *cni, const struct attachment *attachment, struct mac_addr mac, json_t **result)
{
	struct netdev_state state = { .mac = mac_of(attachment, mac) };
	bool has_netdev = attachment->netdev[0] != '\0';
	struct netns netns;
	size_t interface;
	int rc = 0;

	if (has_netdev)
		rc = netns_open(cni, cni->netns, &netns);
	if (rc != 0)
		return rc;
	if (has_netdev)
		rc = move_in(cni, attachment, &netns, &state);
	if (rc == 0)
		rc = result_make(cni, &state, result, &interface);
	if (rc == 0)
		rc = add_addresses(cni, has_netdev ? &netns : NULL, *result, interface);
	if (has_netdev)
		netns_close(&netns);
	return rc;
}

/* The error is why. */
static void
undo(struct cni *cni, const struct attachment *attachment)
{
	char why[CNI_ERROR_BYTES];

	memcpy(why, cni->error, sizeof(why));
	if (cni->conf.ipam[0] != '\0' && ipam_run(cni, "DEL", NULL) != 0)
		fprintf(stderr, "sluice-cni: %s\n", cni->error);
	if (release(cni, attachment) != 0)
		fprintf(stderr, "sluice-cni: %s\n", cni->error);
	memcpy(cni->error, why, sizeof(why));
}

int
cni_add(struct cni *cni, json_t **result)
{
	struct attachment attachment = { .keys = 0 };
	struct mac_addr mac;
	int rc = netns_check(cni, cni->netns);

	if (rc == 0)
		rc = claim(cni, &attachment, &mac);
	if (rc != 0)
		return rc;
	rc = attach(cni, &attachment, mac, result);
	if (rc != 0) {
		json_decref(*result);
		*result = NULL;
		undo(cni, &attachment);
	}
	return rc;
}
