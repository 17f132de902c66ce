/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/* DEL of one attachment, and GC of all that the runtime no longer knows. */

#include <stdio.h>
#include <string.h>

#include "release.h"

#define VALID_KEY "cni.dev/valid-attachments"

static int
release_if_known(struct cni *cni)
{
	struct attachment attachment;
	int rc = attachment_load(cni, cni->container, cni->ifname, &attachment);

	if (rc == CNI_UNKNOWN_CONTAINER)
		return 0;
	return rc == 0 ? release(cni, &attachment) : rc;
}

/* Both whatever the other says, which the runtime gets to know; it comes again. */
static int
with_ipam(struct cni *cni, int (*run)(struct cni *cni))
{
	char why[CNI_ERROR_BYTES];
	int rc = run(cni), addresses;

	memcpy(why, cni->error, sizeof(why));
	addresses = cni->conf.ipam[0] == '\0' ? 0 : ipam_run(cni, cni->command, NULL);
	return rc != 0 ? cni_fail(cni, rc, "%s", why) : addresses;
}

int
cni_del(struct cni *cni, json_t **result)
{
	(void)result;
	return with_ipam(cni, release_if_known);
}

static bool
is_valid(const struct cni *cni, const struct attachment *attachment)
{
	json_t *entry, *list = json_object_get(cni->config, VALID_KEY);
	const char *container, *ifname;
	size_t i;

	json_array_foreach(list, i, entry) if (json_unpack(entry, "{s:s, s:s}", "containerID",
							   &container, "ifname", &ifname) == 0 &&
					       strcmp(container, attachment->container) == 0 &&
					       strcmp(ifname, attachment->ifname) == 0) return true;
	return false;
}

/* The first error is told, and does not end it. */
static int
release_if_stale(struct cni *cni, const struct attachment *attachment, void *ctx)
{
	char why[CNI_ERROR_BYTES];
	int *first = ctx, rc;

	if (strcmp(attachment->network, cni->conf.name) != 0 || is_valid(cni, attachment))
		return 0;
	memcpy(why, cni->error, sizeof(why));
	rc = release(cni, attachment);
	if (*first != 0)
		memcpy(cni->error, why, sizeof(why));
	else
		*first = rc;
	return 0;
}

static int
release_stale(struct cni *cni)
{
	int first = 0, rc;

	/* Without the list all would be stale. */
	if (!json_is_array(json_object_get(cni->config, VALID_KEY)))
		return cni_fail(cni, CNI_BAD_CONFIG, VALID_KEY ": missing, or no array");
	rc = attachment_each(cni, release_if_stale, &first);
	return first != 0 ? first : rc;
}

int
cni_gc(struct cni *cni, json_t **result)
{
	(void)result;
	return with_ipam(cni, release_stale);
}
