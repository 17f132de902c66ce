/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * Netdevs of VFs that have a kernel driver: from one network namespace to another, and set up
 * there.
 */
#ifndef SLUICE_CNI_NETDEV_H
#define SLUICE_CNI_NETDEV_H

#include "cni.h"

struct nl_sock;

/** A network namespace that others may see. */
struct netns {
	int fd;
	struct nl_sock *socket; /**< to its rtnetlink */
};

struct netdev_state {
	struct mac_addr mac;
	bool is_up;
	unsigned int mtu;
};

/** @return whether sysfs knows the device; with its driver and netdev, empty: none */
bool netdev_look_up(const char *pci, char driver[CNI_NAME_BYTES], char name[CNI_IFNAME_BYTES]);

/** CNI_UNKNOWN_CONTAINER: there is no network namespace at that path. */
int netns_check(struct cni *cni, const char *path);

/** @param path  NULL: the namespace that we are in */
int netns_open(struct cni *cni, const char *path, struct netns *netns);
void netns_close(struct netns *netns);

/** What is opened until netns_leave() is of that namespace. @return what that wants, or -errno */
int netns_enter(const struct netns *netns);
int netns_leave(int own);

/** @return whether there is one of that name; @p state may be NULL */
bool netdev_state(const struct netns *netns, const char *name, struct netdev_state *state);

/** Move it, and give it another name there. What fails half-way is taken back. */
int netdev_move(struct cni *cni, const struct netns *from, const char *name, const struct netns *to,
		const char *new_name);

int netdev_rename(struct cni *cni, const struct netns *netns, const char *name,
		  const char *new_name);
int netdev_set_up(struct cni *cni, const struct netns *netns, const char *name, bool up);
int netdev_set_mac(struct cni *cni, const struct netns *netns, const char *name,
		   const struct mac_addr *mac);

/** @param address  with its prefix, as in "10.0.0.2/24" */
int netdev_add_address(struct cni *cni, const struct netns *netns, const char *name,
		       const char *address);
bool netdev_has_address(const struct netns *netns, const char *name, const char *address);

/** @param gateway  NULL: none */
int netdev_add_route(struct cni *cni, const struct netns *netns, const char *name, const char *to,
		     const char *gateway);

#endif /* SLUICE_CNI_NETDEV_H */
