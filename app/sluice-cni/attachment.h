/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * What is remembered of each ADD until its DEL: a file of the state directory for each.
 */
#ifndef SLUICE_CNI_ATTACHMENT_H
#define SLUICE_CNI_ATTACHMENT_H

#include "cni.h"

#define NETNS_PATH_BYTES 512

struct attachment {
	char container[CNI_NAME_BYTES], ifname[CNI_IFNAME_BYTES];
	char network[CNI_NAME_BYTES];
	char netns[NETNS_PATH_BYTES];
	char device[PCI_BYTES];
	bool in_sysfs;     /**< sysfs knew the VF */
	unsigned int keys; /**< what was set of the policy */
	struct vf_policy before, set;
	char netdev[CNI_IFNAME_BYTES];   /**< as the runtime's namespace calls it; empty: none */
	char netdev_mac[MAC_TEXT_BYTES]; /**< which it had */
};

/** @return CNI_OK, or who stops it: that code */
typedef int attachment_visit_t(struct cni *cni, const struct attachment *attachment, void *ctx);

/** Nobody else reads or writes until the lock is closed; it is a descriptor. */
int attachment_lock(struct cni *cni, int *lock);

/** CNI_UNKNOWN_CONTAINER: there is none. */
int attachment_load(struct cni *cni, const char *container, const char *ifname,
		    struct attachment *attachment);

/** All or nothing, also when the machine goes down. */
int attachment_save(struct cni *cni, const struct attachment *attachment);

void attachment_forget(const struct cni *cni, const struct attachment *attachment);

/** All of them; one that cannot be read is an error after the others. */
int attachment_each(struct cni *cni, attachment_visit_t *visit, void *ctx);

#endif /* SLUICE_CNI_ATTACHMENT_H */
