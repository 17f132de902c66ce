/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <netlink/netlink.h>
#include <netlink/route/addr.h>
#include <netlink/route/link.h>
#include <netlink/route/nexthop.h>
#include <netlink/route/route.h>

#include "netdev.h"

#define OWN_NETNS "/proc/self/ns/net"

/* Base name of a link; empty without one. */
static void
read_link(const char *path, char *name, size_t bytes)
{
	char target[PATH_MAX];
	ssize_t nb = readlink(path, target, sizeof(target) - 1);
	const char *slash;

	target[nb < 0 ? 0 : nb] = '\0';
	slash = strrchr(target, '/');
	snprintf(name, bytes, "%s", slash == NULL ? "" : slash + 1);
}

bool
netdev_look_up(const char *pci, char driver[CNI_NAME_BYTES], char name[CNI_IFNAME_BYTES])
{
	const struct dirent *entry;
	char path[PATH_MAX];
	DIR *dir;

	driver[0] = name[0] = '\0';
	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s", pci);
	if (access(path, F_OK) < 0)
		return false;
	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/driver", pci);
	read_link(path, driver, CNI_NAME_BYTES);
	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/net", pci);
	dir = opendir(path);
	while (dir != NULL && (entry = readdir(dir)) != NULL)
		if (entry->d_name[0] != '.')
			snprintf(name, CNI_IFNAME_BYTES, "%.*s", CNI_IFNAME_BYTES - 1,
				 entry->d_name);
	if (dir != NULL)
		closedir(dir);
	return true;
}

static int
open_path(struct cni *cni, const char *path, int *fd)
{
	struct statfs fs;

	*fd = open(path, O_RDONLY | O_CLOEXEC);
	if (*fd < 0)
		return cni_fail(cni, errno == ENOENT ? CNI_UNKNOWN_CONTAINER : CNI_BAD_ENVIRONMENT,
				"CNI_NETNS: %s: %s", path, strerror(errno));
	if (fstatfs(*fd, &fs) == 0 && fs.f_type == NSFS_MAGIC)
		return 0;
	close(*fd);
	return cni_fail(cni, CNI_UNKNOWN_CONTAINER, "CNI_NETNS: %s is no network namespace", path);
}

int
netns_check(struct cni *cni, const char *path)
{
	int fd, rc = open_path(cni, path, &fd);

	if (rc == 0)
		close(fd);
	return rc;
}

int
netns_enter(const struct netns *netns)
{
	int own = open(OWN_NETNS, O_RDONLY | O_CLOEXEC), rc;

	if (own < 0)
		return -errno;
	if (setns(netns->fd, CLONE_NEWNET) == 0)
		return own;
	rc = -errno;
	close(own);
	return rc;
}

int
netns_leave(int own)
{
	int rc = setns(own, CLONE_NEWNET) < 0 ? -errno : 0;

	close(own);
	return rc;
}

/* A socket belongs to the namespace in which it was made. */
static int
open_socket(struct netns *netns)
{
	int own, rc, connected;

	netns->socket = nl_socket_alloc();
	own = netns->socket == NULL ? -ENOMEM : netns_enter(netns);
	if (own < 0)
		return own;
	connected = nl_connect(netns->socket, NETLINK_ROUTE) < 0 ? -ENOTCONN : 0;
	rc = netns_leave(own);
	return rc < 0 ? rc : connected;
}

int
netns_open(struct cni *cni, const char *path, struct netns *netns)
{
	int rc = open_path(cni, path == NULL ? OWN_NETNS : path, &netns->fd);

	netns->socket = NULL;
	if (rc != 0) {
		netns->fd = -1;
		return rc;
	}
	rc = open_socket(netns);
	if (rc == 0)
		return 0;
	netns_close(netns);
	return cni_fail(cni, rc == -EPERM ? CNI_NOT_PERMITTED : CNI_FAILED, "%s: %s",
			path == NULL ? OWN_NETNS : path, strerror(-rc));
}

void
netns_close(struct netns *netns)
{
	nl_socket_free(netns->socket);
	if (netns->fd >= 0)
		close(netns->fd);
	netns->socket = NULL;
	netns->fd = -1;
}

static struct rtnl_link *
find(const struct netns *netns, const char *name)
{
	struct rtnl_link *link = NULL;

	return rtnl_link_get_kernel(netns->socket, 0, name, &link) < 0 ? NULL : link;
}

bool
netdev_state(const struct netns *netns, const char *name, struct netdev_state *state)
{
	struct rtnl_link *link = find(netns, name);
	struct nl_addr *mac;

	if (link == NULL)
		return false;
	if (state != NULL) {
		mac = rtnl_link_get_addr(link);
		memset(state, 0, sizeof(*state));
		if (mac != NULL && nl_addr_get_len(mac) == MAC_BYTES)
			memcpy(state->mac.byte, nl_addr_get_binary_addr(mac), MAC_BYTES);
		state->is_up = (rtnl_link_get_flags(link) & IFF_UP) != 0;
		state->mtu = rtnl_link_get_mtu(link);
	}
	rtnl_link_put(link);
	return true;
}

static int
gone(struct cni *cni, const char *name)
{
	return cni_fail(cni, CNI_FAILED, "%s: there is no such netdev", name);
}

/* Takes @p change over. */
static int
apply(struct cni *cni, const struct netns *netns, const char *name, struct rtnl_link *change,
      const char *what)
{
	struct rtnl_link *link = find(netns, name);
	int rc;

	if (link == NULL || change == NULL) {
		rc = gone(cni, name);
	} else {
		rc = rtnl_link_change(netns->socket, link, change, 0);
		if (rc < 0)
			rc = cni_fail(cni, CNI_FAILED, "%s: %s: %s", name, what, nl_geterror(rc));
	}
	rtnl_link_put(link);
	rtnl_link_put(change);
	return rc;
}

int
netdev_rename(struct cni *cni, const struct netns *netns, const char *name, const char *new_name)
{
	struct rtnl_link *change = rtnl_link_alloc();

	if (change != NULL)
		rtnl_link_set_name(change, new_name);
	return apply(cni, netns, name, change, new_name);
}

int
netdev_set_up(struct cni *cni, const struct netns *netns, const char *name, bool up)
{
	struct rtnl_link *change = rtnl_link_alloc();

	if (change != NULL && up)
		rtnl_link_set_flags(change, IFF_UP);
	else if (change != NULL)
		rtnl_link_unset_flags(change, IFF_UP);
	return apply(cni, netns, name, change, up ? "up" : "down");
}

int
netdev_set_mac(struct cni *cni, const struct netns *netns, const char *name,
	       const struct mac_addr *mac)
{
	struct nl_addr *address = nl_addr_build(AF_LLC, mac->byte, MAC_BYTES);
	struct rtnl_link *change = rtnl_link_alloc();
	int rc;

	if (change != NULL && address != NULL)
		rtnl_link_set_addr(change, address);
	rc = apply(cni, netns, name, change, "address");
	nl_addr_put(address);
	return rc;
}

static int
hand_over(struct cni *cni, const struct netns *from, const char *name, const struct netns *to)
{
	struct rtnl_link *change = rtnl_link_alloc();

	if (change != NULL)
		rtnl_link_set_ns_fd(change, to->fd);
	return apply(cni, from, name, change, "to another namespace");
}

/* It has a name on its way that is in nobody's way: neither side's, as interfaces go. */
int
netdev_move(struct cni *cni, const struct netns *from, const char *name, const struct netns *to,
	    const char *new_name)
{
	char transit[CNI_IFNAME_BYTES], why[CNI_ERROR_BYTES];
	int rc;

	snprintf(transit, sizeof(transit), "cni%u", (unsigned int)getpid());
	rc = netdev_set_up(cni, from, name, false);
	if (rc == 0)
		rc = netdev_rename(cni, from, name, transit);
	if (rc != 0)
		return rc;
	rc = hand_over(cni, from, transit, to);
	if (rc == 0) {
		rc = netdev_rename(cni, to, transit, new_name);
		if (rc == 0)
			return 0;
		memcpy(why, cni->error, sizeof(why));
		(void)hand_over(cni, to, transit, from);
	} else {
		memcpy(why, cni->error, sizeof(why));
	}
	(void)netdev_rename(cni, from, transit, name);
	return cni_fail(cni, rc, "%s", why);
}

/* NULL: not one */
static struct rtnl_addr *
address_of(const struct netns *netns, const char *name, const char *text)
{
	struct rtnl_link *link = find(netns, name);
	struct rtnl_addr *address = rtnl_addr_alloc();
	struct nl_addr *local = NULL;

	if (link == NULL || address == NULL || nl_addr_parse(text, AF_UNSPEC, &local) < 0) {
		rtnl_addr_put(address);
		address = NULL;
	} else {
		rtnl_addr_set_ifindex(address, rtnl_link_get_ifindex(link));
		(void)rtnl_addr_set_local(address, local);
	}
	rtnl_link_put(link);
	nl_addr_put(local);
	return address;
}

int
netdev_add_address(struct cni *cni, const struct netns *netns, const char *name, const char *text)
{
	struct rtnl_addr *address = address_of(netns, name, text);
	int rc = address == NULL ? -NLE_INVAL : rtnl_addr_add(netns->socket, address, 0);

	rtnl_addr_put(address);
	return rc < 0 ? cni_fail(cni, CNI_FAILED, "%s: address %s: %s", name, text, nl_geterror(rc))
		      : 0;
}

bool
netdev_has_address(const struct netns *netns, const char *name, const char *text)
{
	struct rtnl_addr *wanted = address_of(netns, name, text), *found = NULL;
	struct nl_cache *cache;

	if (wanted != NULL && rtnl_addr_alloc_cache(netns->socket, &cache) == 0) {
		found = rtnl_addr_get(cache, rtnl_addr_get_ifindex(wanted),
				      rtnl_addr_get_local(wanted));
		rtnl_addr_put(found);
		nl_cache_free(cache);
	}
	rtnl_addr_put(wanted);
	return found != NULL;
}

static int
add_route(const struct netns *netns, int ifindex, struct nl_addr *to, struct nl_addr *via)
{
	struct rtnl_route *route = rtnl_route_alloc();
	struct rtnl_nexthop *hop = rtnl_route_nh_alloc();
	int rc = -NLE_NOMEM;

	if (route != NULL && hop != NULL) {
		rtnl_route_nh_set_ifindex(hop, ifindex);
		if (via != NULL)
			rtnl_route_nh_set_gateway(hop, via);
		rtnl_route_set_scope(route, via == NULL ? RT_SCOPE_LINK : RT_SCOPE_UNIVERSE);
		rc = rtnl_route_set_dst(route, to);
		rtnl_route_add_nexthop(route, hop);
		hop = NULL; /* the route's */
	}
	if (rc == 0)
		rc = rtnl_route_add(netns->socket, route, 0);
	if (hop != NULL)
		rtnl_route_nh_free(hop);
	rtnl_route_put(route);
	return rc;
}

int
netdev_add_route(struct cni *cni, const struct netns *netns, const char *name, const char *to,
		 const char *gateway)
{
	struct rtnl_link *link = find(netns, name);
	struct nl_addr *dst = NULL, *via = NULL;
	int rc = link == NULL ? -NLE_NODEV : nl_addr_parse(to, AF_UNSPEC, &dst);

	if (rc == 0 && gateway != NULL)
		rc = nl_addr_parse(gateway, nl_addr_get_family(dst), &via);
	if (rc == 0)
		rc = add_route(netns, rtnl_link_get_ifindex(link), dst, via);
	nl_addr_put(dst);
	nl_addr_put(via);
	rtnl_link_put(link);
	return rc < 0 ? cni_fail(cni, CNI_FAILED, "%s: route to %s: %s", name, to, nl_geterror(rc))
		      : 0;
}
