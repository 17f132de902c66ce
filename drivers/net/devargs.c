/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <rte_common.h>
#include <rte_kvargs.h>
#include <rte_log.h>

#include "devargs.h"

RTE_LOG_REGISTER(sluice_logtype_devargs, pmd.net.sluice.devargs, NOTICE)

#define DEVARGS_LOG(level, fmt, ...) \
	rte_log(RTE_LOG_##level, sluice_logtype_devargs, "sluice: " fmt "\n", ##__VA_ARGS__)

struct key {
	const char *name;
	const char *may_be;
	bool (*take)(struct sluice_devargs *args, const char *value);
	bool of[2];	/**< enum devargs_driver */
};

static bool
take_sluice(struct sluice_devargs *args, const char *value)
{
	args->take = strcmp(value, "on") == 0;
	return args->take || strcmp(value, "off") == 0;
}

static bool
take_itr_us(struct sluice_devargs *args, const char *value)
{
	unsigned long number;
	char *end;

	errno = 0;
	number = strtoul(value, &end, 10);
	args->itr_us = number;
	return value[0] >= '0' && value[0] <= '9' && *end == '\0' && errno == 0 &&
	       number <= UINT32_MAX;
}

static bool
take_mdd(struct sluice_devargs *args, const char *value)
{
	args->mdd = strcmp(value, "on") == 0;
	return args->mdd || strcmp(value, "off") == 0;
}

static bool
take_auto_reset(struct sluice_devargs *args, const char *value)
{
	args->auto_reset = strcmp(value, "on") == 0;
	return args->auto_reset || strcmp(value, "off") == 0;
}

static const struct key keys[] = {
	{ "sluice", "on, off", take_sluice, { true, true } },
	{ "itr_us", "a number of microseconds", take_itr_us, { true, true } },
	{ "auto_reset", "on, off", take_auto_reset, { [DEVARGS_VF] = true } },
	{ "mdd", "on, off", take_mdd, { [DEVARGS_PF] = true } },
};

static const char *const known[] = {
	[DEVARGS_PF] = SLUICE_PF_DEVARGS,
	[DEVARGS_VF] = SLUICE_VF_DEVARGS,
};

static int
read_pair(enum devargs_driver driver, const struct rte_devargs *devargs, const char *name,
	  const char *value, struct sluice_devargs *args)
{
	for (size_t i = 0; i < RTE_DIM(keys); i++) {
		if (!keys[i].of[driver] || strcmp(keys[i].name, name) != 0)
			continue;
		if (value != NULL && keys[i].take(args, value))
			return 0;
		DEVARGS_LOG(ERR, "%s: %s=%s: allowed is %s", devargs->name, name,
			    value == NULL ? "" : value, keys[i].may_be);
		return -EINVAL;
	}
	DEVARGS_LOG(ERR, "%s: unknown device argument %s (known: %s)", devargs->name, name,
		    known[driver]);
	return -EINVAL;
}

int
devargs_read(enum devargs_driver driver, const struct rte_devargs *devargs,
	     struct sluice_devargs *args)
{
	struct rte_kvargs *pairs;
	int rc = 0;

	*args = (struct sluice_devargs){ .take = true };
	if (devargs == NULL || devargs->args == NULL || devargs->args[0] == '\0')
		return 0;
	/* Parsed without a list of keys, so that the message can name the unknown one. */
	pairs = rte_kvargs_parse(devargs->args, NULL);
	if (pairs == NULL) {
		DEVARGS_LOG(ERR, "%s: cannot parse device arguments %s (known: %s)",
			    devargs->name, devargs->args, known[driver]);
		return -EINVAL;
	}
	for (unsigned int i = 0; i < pairs->count && rc == 0; i++)
		rc = read_pair(driver, devargs, pairs->pairs[i].key, pairs->pairs[i].value, args);
	rte_kvargs_free(pairs);
	return rc;
}
