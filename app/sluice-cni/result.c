/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <string.h>

#include "announce.h"
#include "result.h"

static json_t *
encode_interface(const struct cni *cni, const struct netdev_state *state)
{
	json_t *interface = json_pack("{s:s, s:s}", "name", cni->ifname, "sandbox", cni->netns);
	char mac[MAC_TEXT_BYTES];

	mac_format(&state->mac, mac);
	if (!mac_is_zero(&state->mac))
		(void)json_object_set_new(interface, "mac", json_string(mac));
	if (!cni_version_reaches(cni->version, "1.0.0"))
		return interface;
	(void)json_object_set_new(interface, "pciID", json_string(cni->conf.device));
	if (state->mtu != 0)
		(void)json_object_set_new(interface, "mtu", json_integer(state->mtu));
	return interface;
}

/* The array of that name, made if it is not there; NULL: something else is. */
static json_t *
array_of(json_t *result, const char *name)
{
	if (json_object_get(result, name) == NULL)
		(void)json_object_set_new(result, name, json_array());
	return json_is_array(json_object_get(result, name)) ? json_object_get(result, name) : NULL;
}

int
result_make(struct cni *cni, const struct netdev_state *state, json_t **result, size_t *interface)
{
	json_t *previous = json_object_get(cni->config, "prevResult"), *interfaces;

	*result = json_is_null(previous) || previous == NULL ? json_object()
							     : json_deep_copy(previous);
	interfaces = array_of(*result, "interfaces");
	if (interfaces == NULL)
		return cni_fail(cni, CNI_BAD_CONFIG, "prevResult: no result with interfaces");
	(void)json_object_set_new(*result, "cniVersion", json_string(cni->version));
	*interface = json_array_size(interfaces);
	(void)json_array_append_new(interfaces, encode_interface(cni, state));
	return 0;
}

int
result_add_ipam(struct cni *cni, json_t *result, json_t *ipam, size_t interface)
{
	json_t *ips = array_of(result, "ips"), *routes = array_of(result, "routes"), *ip;
	json_t *dns = json_object_get(ipam, "dns");
	size_t i;

	if (json_array_size(json_object_get(ipam, "ips")) == 0 || ips == NULL || routes == NULL)
		return cni_fail(cni, CNI_NOT_DECODED, "ipam %s: no addresses", cni->conf.ipam);
	json_array_foreach(json_object_get(ipam, "ips"), i, ip)
	{
		json_t *copy = json_deep_copy(ip);

		(void)json_object_set_new(copy, "interface", json_integer((json_int_t)interface));
		(void)json_array_append_new(ips, copy);
	}
	if (json_array_size(json_object_get(ipam, "routes")) > 0)
		(void)json_array_extend(routes, json_object_get(ipam, "routes"));
	if (json_object_size(dns) > 0)
		(void)json_object_set(result, "dns", dns);
	return 0;
}

/* A route without a gateway takes the first address's of its kind. */
static const char *
gateway_for(const json_t *ipam, const char *to)
{
	const char *gateway;
	json_t *ip;
	size_t i;

	json_array_foreach(json_object_get(ipam, "ips"), i, ip)
	{
		gateway = json_string_value(json_object_get(ip, "gateway"));
		if (gateway != NULL && (strchr(gateway, ':') == NULL) == (strchr(to, ':') == NULL))
			return gateway;
	}
	return NULL;
}

static int
configure_routes(struct cni *cni, const json_t *ipam, const struct netns *netns)
{
	const char *to, *gateway;
	json_t *route;
	size_t i;
	int rc = 0;

	json_array_foreach(json_object_get(ipam, "routes"), i, route)
	{
		to = json_string_value(json_object_get(route, "dst"));
		gateway = json_string_value(json_object_get(route, "gw"));
		if (rc != 0 || to == NULL)
			continue;
		rc = netdev_add_route(cni, netns, cni->ifname, to,
				      gateway != NULL ? gateway : gateway_for(ipam, to));
	}
	return rc;
}

int
result_configure(struct cni *cni, const json_t *ipam, const struct netns *netns)
{
	const json_t *ips = json_object_get(ipam, "ips");
	const char *address;
	json_t *ip;
	size_t i;
	int rc = 0;

	announce_ipv6(netns, cni->ifname);
	json_array_foreach(ips, i, ip)
	{
		address = json_string_value(json_object_get(ip, "address"));
		if (rc == 0 && address != NULL)
			rc = netdev_add_address(cni, netns, cni->ifname, address);
	}
	if (rc == 0)
		rc = configure_routes(cni, ipam, netns);
	if (rc == 0)
		announce_ipv4(netns, cni->ifname, ips);
	return rc;
}

int
result_find(const struct cni *cni, const json_t *result)
{
	const char *name, *sandbox;
	json_t *entry;
	size_t i;

	json_array_foreach(json_object_get(result, "interfaces"), i, entry)
	{
		name = json_string_value(json_object_get(entry, "name"));
		sandbox = json_string_value(json_object_get(entry, "sandbox"));
		if (name != NULL && sandbox != NULL && strcmp(name, cni->ifname) == 0 &&
		    strcmp(sandbox, cni->netns) == 0)
			return (int)i;
	}
	return -1;
}
