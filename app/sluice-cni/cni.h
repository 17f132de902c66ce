/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * What the operations share: the call as the runtime made it, and how it may fail.
 *
 * One thread and one call in a process. Functions that return an int return 0, or the code of an
 * error of which cni->error tells in one line.
 */
#ifndef SLUICE_CNI_H
#define SLUICE_CNI_H

#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>

#include "protocol.h"

#define CNI_NAME_BYTES    224
#define CNI_IFNAME_BYTES  16
#define CNI_ERROR_BYTES   1024
#define CNI_DEFAULT_STATE "/var/lib/cni/sluice"

/** Up to 99 they are the specification's. */
enum cni_code {
	CNI_OK,
	CNI_INCOMPATIBLE_VERSION = 1,
	CNI_UNSUPPORTED_FIELD = 2,
	CNI_UNKNOWN_CONTAINER = 3,
	CNI_BAD_ENVIRONMENT = 4,
	CNI_IO = 5,
	CNI_NOT_DECODED = 6,
	CNI_BAD_CONFIG = 7,
	CNI_TRY_AGAIN = 11,
	CNI_NOT_AVAILABLE = 50,
	CNI_FAILED = 100,       /**< the kernel refuses */
	CNI_EXISTS = 101,       /**< ADD of what is there */
	CNI_NOT_AS_ADDED = 102, /**< CHECK found a difference */
	CNI_NOT_PERMITTED = 103,
};

/** Network configuration, as far as it is ours. */
struct netconf {
	char name[CNI_NAME_BYTES];
	char device[PCI_BYTES];         /**< VF's address */
	char socket[CONFIG_PATH_BYTES]; /**< sluiced's */
	char state_dir[CONFIG_PATH_BYTES];
	char ipam[CNI_NAME_BYTES]; /**< plugin; empty: none */
	unsigned int keys;         /**< what of @p policy counts, as in a control_request */
	struct vf_policy policy;
};

struct cni {
	/* The environment; NULL: not there. */
	const char *command, *container, *netns, *ifname, *args, *path;
	char *input;    /**< standard input, and its end */
	json_t *config; /**< the same */
	const char *version;
	struct netconf conf;
	char error[CNI_ERROR_BYTES];
};

/** Where sluiced has a VF. */
struct vf_place {
	char port[PCI_BYTES];
	int vf;
};

/** A row of the operations. */
struct operation {
	const char *name;
	int (*run)(struct cni *cni, json_t **result);
	const char *since;  /**< version of the specification */
	unsigned int needs; /**< of the environment: bits of enum need */
	bool is_strict;     /**< what is wrong with the configuration is an error */
};

int cni_add(struct cni *cni, json_t **result);
int cni_del(struct cni *cni, json_t **result);
int cni_check(struct cni *cni, json_t **result);
int cni_gc(struct cni *cni, json_t **result);
int cni_status(struct cni *cni, json_t **result);

/** Keep the line, and return the code. */
__attribute__((format(printf, 3, 4))) int cni_fail(struct cni *cni, int code, const char *format,
						   ...);

/** Is version @p a the same as @p b, or later? */
bool cni_version_reaches(const char *a, const char *b);

/** As containers, networks and interfaces may be called: such a name is no path. */
bool cni_name_is_good(const char *name);

/* --- netconf.c --- */

/** What each operation needs; @p strict: and what ADD and CHECK do, every key of it known. */
int netconf_read(struct cni *cni, bool strict);

/* --- ask.c --- */

/**
 * Where is that VF, and what is its policy?
 *
 * @param mac  in force
 * @return 0; CNI_BAD_CONFIG: sluiced has no such VF; CNI_TRY_AGAIN: there is no sluiced
 */
int ask_find(struct cni *cni, const char *pci, struct vf_place *place, struct vf_policy *policy,
	     struct mac_addr *mac);

/**
 * Have these keys of the policy set, all or none: CNI_BAD_CONFIG tells the first refused.
 *
 * @param hold  ON: sluiced's file has no say in them from now on; OFF: it has again
 */
int ask_set(struct cni *cni, const struct vf_place *place, unsigned int keys,
	    const struct vf_policy *policy, enum control_hold hold);

/* --- ipam.c --- */

/**
 * Run the IPAM plugin for the same operation, or for @p command instead.
 *
 * @param result  what it says, to be released; NULL: not wanted
 */
int ipam_run(struct cni *cni, const char *command, json_t **result);

#endif /* SLUICE_CNI_H */
