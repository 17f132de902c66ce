/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/* CHECK: is all as ADD left it? STATUS: could there be an ADD? */

#include <stdio.h>
#include <string.h>

#include "attachment.h"
#include "result.h"

static int
differs(struct cni *cni, const char *what, const char *found, const char *wanted)
{
	return cni_fail(cni, CNI_NOT_AS_ADDED, "%s: %.600s, not %.200s", what, found, wanted);
}

static int
check_policy_of(struct cni *cni, const struct attachment *attachment)
{
	char found[POLICY_TEXT_BYTES], wanted[POLICY_TEXT_BYTES];
	struct vf_policy policy;
	struct vf_place place;
	struct mac_addr mac;
	int rc = ask_find(cni, attachment->device, &place, &policy, &mac);

	for (size_t i = 0; rc == 0 && i < policy_keys_nb; i++) {
		const struct policy_key *key = &policy_keys[i];

		if ((attachment->keys >> i & 1) == 0 ||
		    !policy_key_differs(key, &policy, &attachment->set))
			continue;
		policy_key_text(key, &policy, found);
		policy_key_text(key, &attachment->set, wanted);
		rc = differs(cni, key->name, found, wanted);
	}
	return rc;
}

static int
check_addresses(struct cni *cni, const struct netns *netns, const json_t *result, int interface)
{
	const char *address;
	json_t *ip;
	size_t i;

	json_array_foreach(json_object_get(result, "ips"), i, ip)
	{
		const json_t *of = json_object_get(ip, "interface");

		address = json_string_value(json_object_get(ip, "address"));
		if (json_is_integer(of) && json_integer_value(of) == interface && address != NULL &&
		    !netdev_has_address(netns, cni->ifname, address))
			return differs(cni, cni->ifname, "lacks its address", address);
	}
	return 0;
}

static int
check_interface(struct cni *cni, const struct netns *netns, const json_t *result, int interface)
{
	const json_t *entry = json_array_get(json_object_get(result, "interfaces"), interface);
	const char *wanted = json_string_value(json_object_get(entry, "mac"));
	struct netdev_state state;
	char mac[MAC_TEXT_BYTES];

	if (!netdev_state(netns, cni->ifname, &state))
		return differs(cni, cni->ifname, "not there", cni->netns);
	if (!state.is_up)
		return differs(cni, cni->ifname, "down", "up");
	mac_format(&state.mac, mac);
	if (wanted != NULL && strcasecmp(mac, wanted) != 0)
		return differs(cni, cni->ifname, mac, wanted);
	return check_addresses(cni, netns, result, interface);
}

static int
check_netdev(struct cni *cni, const struct attachment *attachment)
{
	const json_t *result = json_object_get(cni->config, "prevResult");
	int interface = result_find(cni, result), rc;
	struct netns netns;

	if (result == NULL)
		return cni_fail(cni, CNI_BAD_CONFIG, "prevResult: missing");
	if (interface < 0)
		return cni_fail(cni, CNI_NOT_AS_ADDED, "prevResult: has no %s in %s", cni->ifname,
				cni->netns);
	if (attachment->netdev[0] == '\0')
		return 0;
	rc = netns_open(cni, cni->netns, &netns);
	if (rc != 0)
		return rc;
	rc = check_interface(cni, &netns, result, interface);
	netns_close(&netns);
	return rc;
}

int
cni_check(struct cni *cni, json_t **result)
{
	struct attachment attachment;
	int rc = attachment_load(cni, cni->container, cni->ifname, &attachment);

	(void)result;
	if (rc == 0 && strcmp(attachment.device, cni->conf.device) != 0)
		rc = differs(cni, "deviceID", cni->conf.device, attachment.device);
	if (rc == 0)
		rc = check_netdev(cni, &attachment);
	if (rc == 0)
		rc = check_policy_of(cni, &attachment);
	if (rc == 0 && cni->conf.ipam[0] != '\0')
		rc = ipam_run(cni, "CHECK", NULL);
	return rc;
}

/* Whether this VF is free is a device plugin's business. */
int
cni_status(struct cni *cni, json_t **result)
{
	char why[CNI_ERROR_BYTES];
	struct vf_policy policy;
	struct vf_place place;
	struct mac_addr mac;
	int rc = ask_find(cni, cni->conf.device, &place, &policy, &mac);

	(void)result;
	if (rc == CNI_BAD_CONFIG && cni->conf.device[0] == '\0')
		rc = 0;
	memcpy(why, cni->error, sizeof(why));
	if (rc != 0)
		return cni_fail(cni, CNI_NOT_AVAILABLE, "%s", why);
	return cni->conf.ipam[0] == '\0' ? 0 : ipam_run(cni, "STATUS", NULL);
}
