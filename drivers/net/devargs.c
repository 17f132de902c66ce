/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <errno.h>
#include <string.h>

#include <rte_kvargs.h>
#include <rte_log.h>

#include "devargs.h"

RTE_LOG_REGISTER(sluice_logtype_devargs, pmd.net.sluice.devargs, NOTICE)

#define DEVARGS_LOG(level, fmt, ...) \
	rte_log(RTE_LOG_##level, sluice_logtype_devargs, "sluice: " fmt "\n", ##__VA_ARGS__)

#define KEY_SLUICE "sluice"

static int
read_pair(const struct rte_devargs *devargs, const char *key, const char *value, bool *take)
{
	if (strcmp(key, KEY_SLUICE) != 0) {
		DEVARGS_LOG(ERR, "%s: unknown device argument %s (known: %s)",
			    devargs->name, key, SLUICE_DEVARGS);
		return -EINVAL;
	}
	if (value == NULL || (strcmp(value, "on") != 0 && strcmp(value, "off") != 0)) {
		DEVARGS_LOG(ERR, "%s: %s=%s is neither on nor off",
			    devargs->name, key, value == NULL ? "" : value);
		return -EINVAL;
	}
	*take = strcmp(value, "on") == 0;
	return 0;
}

int
devargs_read(const struct rte_devargs *devargs, bool *take)
{
	struct rte_kvargs *pairs;
	int rc = 0;

	*take = true;
	if (devargs == NULL || devargs->args == NULL || devargs->args[0] == '\0')
		return 0;
	/* Parsed without a list of keys, so that the message can name the unknown one. */
	pairs = rte_kvargs_parse(devargs->args, NULL);
	if (pairs == NULL) {
		DEVARGS_LOG(ERR, "%s: cannot parse device arguments %s (known: %s)",
			    devargs->name, devargs->args, SLUICE_DEVARGS);
		return -EINVAL;
	}
	for (unsigned int i = 0; i < pairs->count && rc == 0; i++)
		rc = read_pair(devargs, pairs->pairs[i].key, pairs->pairs[i].value, take);
	rte_kvargs_free(pairs);
	return rc;
}
