/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_ethdev.h>

#include "introspect.h"

#define XSTATS_MAX 1024
#define DOC_MAX	   65536

struct xstats {
	int nb;
	struct rte_eth_xstat_name name[XSTATS_MAX];
	struct rte_eth_xstat value[XSTATS_MAX];
};

static void
get(unsigned int which, struct xstats *all)
{
	uint16_t port = rig.port[which];

	all->nb = rte_eth_xstats_get_names(port, NULL, 0);
	assert_true(all->nb >= 1 && all->nb <= XSTATS_MAX);
	assert_int_equal(rte_eth_xstats_get_names(port, all->name, all->nb), all->nb);
	assert_int_equal(rte_eth_xstats_get(port, all->value, all->nb), all->nb);
}

uint64_t
introspect_xstat(unsigned int which, const char *name)
{
	uint64_t id, value = 0;

	assert_int_equal(rte_eth_xstats_get_id_by_name(rig.port[which], name, &id), 0);
	assert_int_equal(rte_eth_xstats_get_by_id(rig.port[which], &id, &value, 1), 1);
	return value;
}

static bool
is_name(const char *name)
{
	for (; *name != '\0'; name++)
		if (!islower((unsigned char)*name) && !isdigit((unsigned char)*name) &&
		    *name != '_')
			return false;
	return true;
}

/* By id there is the same under the same name. */
void
xstats_have_one_name_each(void **state)
{
	static struct rte_eth_xstat_name name;
	static struct xstats all;

	(void)state;
	for (unsigned int which = 0; which < NB_PORTS; which++) {
		get(which, &all);
		for (int i = 0; i < all.nb; i++) {
			uint64_t id = all.value[i].id;

			assert_int_equal(id, i);
			assert_true(is_name(all.name[i].name));
			for (int j = 0; j < i; j++)
				assert_string_not_equal(all.name[i].name, all.name[j].name);
			assert_int_equal(rte_eth_xstats_get_names_by_id(rig.port[which], &name, 1,
									&id), 1);
			assert_string_equal(name.name, all.name[i].name);
		}
	}
}

/* With * for each number behind q or vf, as the list has it. */
static void
generalize(const char *name, char *pattern)
{
	const char *from = name;

	while (*from != '\0') {
		bool number = from > name && isdigit((unsigned char)*from) &&
			      ((from[-1] == 'q' && from - name >= 2 && from[-2] == '_') ||
			       (from[-1] == 'f' && from - name == 2));

		if (!number) {
			*pattern++ = *from++;
			continue;
		}
		*pattern++ = '*';
		while (isdigit((unsigned char)*from))
			from++;
	}
	*pattern = '\0';
}

static void
read_doc(char *text)
{
	char path[512];
	size_t length;
	FILE *file;

	snprintf(path, sizeof(path), "%s/drivers.md", rig.doc);
	file = fopen(path, "r");
	assert_non_null(file);
	length = fread(text, 1, DOC_MAX - 1, file);
	fclose(file);
	assert_true(length >= 1 && length <= DOC_MAX - 2);
	text[length] = '\0';
}

/* Every name is in the documentation, in back quotes. */
void
xstats_are_documented(void **state)
{
	static char doc[DOC_MAX];
	static struct xstats all;
	unsigned int missing = 0;

	(void)state;
	read_doc(doc);
	for (unsigned int which = 0; which < NB_PORTS; which++) {
		get(which, &all);
		for (int i = 0; i < all.nb; i++) {
			char pattern[RTE_ETH_XSTATS_NAME_SIZE], quoted[sizeof(pattern) + 2];

			generalize(all.name[i].name, pattern);
			snprintf(quoted, sizeof(quoted), "`%s`", pattern);
			if (strstr(doc, quoted) != NULL)
				continue;
			fprintf(stderr, "# not in drivers.md: %s\n", quoted);
			missing++;
		}
	}
	assert_int_equal(missing, 0);
}

/* What is not reset: the VFs' counts, which belong to whoever watches them, and intervals. */
void
xstats_start_anew(void **state)
{
	(void)state;
	assert_true(introspect_xstat(VF1, "rx_good_packets") > 0);
	assert_true(introspect_xstat(VF1, "rx_hw_packets") > 0);
	assert_true(introspect_xstat(VF1, "rx_q0_packets") > 0);
	assert_int_equal(rte_eth_xstats_reset(rig.port[VF1]), 0);
	assert_int_equal(introspect_xstat(VF1, "rx_good_packets"), 0);
	assert_int_equal(introspect_xstat(VF1, "rx_hw_packets"), 0);
	assert_int_equal(introspect_xstat(VF1, "rx_q0_packets"), 0);

	assert_true(introspect_xstat(PF, "vf1_rx_packets") > 0);
	assert_int_equal(rte_eth_xstats_reset(rig.port[PF]), 0);
	assert_true(introspect_xstat(PF, "vf1_rx_packets") > 0);
	assert_int_equal(introspect_xstat(PF, "port_rx_good_packets"), 0);
}
