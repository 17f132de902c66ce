/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * The drivers' registers against the model's: two readings of the same data sheets, compared.
 *
 * Each register that a driver knows must be, in the model, the register of that name and number.
 * Each field must be where the model has it, and what a driver writes the model must take. A queue
 * that is set up the driver's way must mean to the model what it means to the driver.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "masks.h"
#include "nic.h"
#include "regfile.h"
#include "regmap.h"

#define SECOND_BANK "_HIGH"

/* One side of a family: its rows, by offset. */
struct view {
	const struct nic_family *family;
	const struct reg_row *row;
	unsigned int nb;
	uint16_t *row_of;
	uint32_t bar_bytes;
};

static unsigned int
count_of(const struct reg_row *row)
{
	return row->count == 0 ? 1 : row->count;
}

static unsigned int
stride_of(const struct reg_row *row)
{
	return row->stride == 0 ? 4 : row->stride;
}

static void
open_view(struct view *view, const struct regmap_driver *driver)
{
	const struct nic_family *family = nic_family_find(driver->model);

	if (family == NULL)
		fail_msg("%s: the model has no family %s", driver->name, driver->model);
	view->family = family;
	view->row = driver->vf ? family->vf_rows : family->pf_rows;
	view->nb = driver->vf ? family->nb_vf_rows : family->nb_pf_rows;
	view->bar_bytes = driver->vf ? family->vf_bar_bytes : family->pf_bar_bytes;
	view->row_of = regfile_index(view->row, view->nb, view->bar_bytes);
	assert_non_null(view->row_of);
}

static const struct reg_row *
row_at(const struct view *view, uint32_t offset)
{
	unsigned int which;

	if (offset % 4 != 0 || offset >= view->bar_bytes)
		return NULL;
	which = view->row_of[offset / 4];
	return which == 0 ? NULL : &view->row[which - 1];
}

static const struct reg_row *
find(const struct view *view, const char *name, const char *suffix)
{
	char full[64];

	snprintf(full, sizeof(full), "%s%s", name, suffix);
	return reg_row_find(view->row, view->nb, full);
}

/* Registers of that name, in both banks. */
static unsigned int
total_of(const struct view *view, const char *name)
{
	const struct reg_row *low = find(view, name, ""), *high = find(view, name, SECOND_BANK);

	return (low == NULL ? 0 : count_of(low)) + (high == NULL ? 0 : count_of(high));
}

/* What the model has at an offset, under the name by which the register itself goes. */
static const struct reg_row *
identify(const struct view *view, uint32_t offset, unsigned int *index)
{
	const struct reg_row *row = row_at(view, offset);

	*index = 0;
	if (row == NULL)
		return NULL;
	*index = (offset - row->offset) / stride_of(row);
	if (row->alias != 0) {
		const struct reg_row *ruling = row_at(view, row->alias);

		if (ruling == NULL)
			return NULL;
		*index += (row->alias - ruling->offset) / stride_of(ruling);
		row = ruling;
	}
	return row;
}

static bool
entry_agrees(const struct view *view, const struct regmap_entry *entry)
{
	const struct reg_row *low = find(view, entry->model, "");
	const struct reg_row *high = find(view, entry->model, SECOND_BANK);
	const struct reg_row *found;
	unsigned int index;

	found = identify(view, entry->offset, &index);
	if (found == NULL || low == NULL)
		return false;
	if (found == high)
		index += count_of(low);
	return (found == low || found == high) && index == entry->index;
}

static unsigned int
check_entries(const struct regmap_driver *driver, const struct view *view,
	      const struct regmap_list *list)
{
	unsigned int i, failed = 0;

	for (i = 0; i < list->nb; i++) {
		const struct regmap_entry *entry = &list->entry[i];
		const struct reg_row *found;
		unsigned int index;

		if (entry_agrees(view, entry))
			continue;
		found = identify(view, entry->offset, &index);
		print_error("# %s: %s at %#x is %s[%u]; the model has %s[%u] there\n",
			    driver->name, entry->driver, entry->offset, entry->model,
			    entry->index, found == NULL ? "nothing" : found->name, index);
		failed++;
	}
	for (i = 0; i < list->nb_complete; i++) {
		unsigned int total = total_of(view, list->complete[i].model);

		if (total == list->complete[i].nb)
			continue;
		print_error("# %s: %u registers %s; the model has %u\n", driver->name,
			    list->complete[i].nb, list->complete[i].model, total);
		failed++;
	}
	return failed;
}

static void
fill_list(struct regmap_list *list, const struct regmap_driver *driver)
{
	list->nb = 0;
	list->nb_complete = 0;
	driver->list(list, driver->family);
}

static void
registers_are_the_same(void **state)
{
	struct regmap_list *list = malloc(sizeof(*list));
	struct regmap_driver driver;
	unsigned int i, failed = 0, compared = 0;

	(void)state;
	assert_non_null(list);
	for (i = 0; regmap_driver(i, &driver); i++) {
		struct view view;

		open_view(&view, &driver);
		fill_list(list, &driver);
		failed += check_entries(&driver, &view, list);
		compared += list->nb;
		free(view.row_of);
	}
	free(list);
	print_message("# %u registers of %u tables compared\n", compared, i);
	assert_int_equal(failed, 0);
}

/* The list of a driver's fields was expanded on the model's side too. */
static const struct regmap_masks *
masks_of(const struct regmap_driver *driver)
{
	static const char *const gbe[] = { "82576", "i350" };

	for (size_t i = 0; i < sizeof(gbe) / sizeof(gbe[0]); i++)
		if (strcmp(driver->model, gbe[i]) == 0)
			return &regmap_masks_82576;
	return &regmap_masks_82599;
}

static unsigned int
check_field(const struct regmap_driver *driver, const struct view *view, unsigned int i)
{
	const struct regmap_field *field = &driver->field[i];
	const struct reg_row *row = find(view, field->row, "");
	uint32_t model = masks_of(driver)->mask[i], taken;
	unsigned int failed = 0;
	bool acts;

	if (row == NULL) {
		print_error("# %s: %s is a field of %s, which the model does not have\n",
			    driver->name, field->name, field->row);
		return 1;
	}
	if (model != 0 && model != field->mask) {
		print_error("# %s: %s is %#x; the model has %#x\n", driver->name, field->name,
			    field->mask, model);
		failed++;
	}
	taken = row->writable | row->set_by_1 | row->clear_by_1;
	/* Code may act on bits that are not kept: those that it has a name for, or all of them. */
	acts = row->on_write != NULL && (model != 0 || taken == 0);
	if (field->written && !acts && (field->mask & ~taken) != 0) {
		print_error("# %s: %s is written with %#x, of which the model's %s takes %#x\n",
			    driver->name, field->name, field->mask, row->name,
			    field->mask & taken);
		failed++;
	}
	return failed;
}

static bool
is_listed(const struct regmap_driver *driver, const struct regmap_list *list, const char *model)
{
	unsigned int i;

	(void)driver;

	for (i = 0; i < list->nb; i++)
		if (strcmp(list->entry[i].model, model) == 0)
			return true;
	return false;
}

static bool
is_known(const struct regmap_driver *driver, const struct regmap_list *list, const char *name)
{
	size_t length = strlen(name);
	unsigned int i;

	for (i = 0; i < list->nb; i++)
		if (strcmp(list->entry[i].driver, name) == 0)
			return true;
	for (i = 0; i < driver->nb_fields; i++) {
		const char *field = driver->field[i].name;

		/* "DTXSWC_MAC_SPOOF(7)", "IVAR_MISC_OTHER & ~0x6000" */
		if (strncmp(field, name, length) == 0 &&
		    (field[length] == '\0' || field[length] == '(' || field[length] == ' '))
			return true;
	}
	for (i = 0; driver->no_field[i] != NULL; i++)
		if (strcmp(driver->no_field[i], name) == 0)
			return true;
	return false;
}

/* Is it true of any driver that shares the table of fields? */
static bool
any_has(const struct regmap_field *table,
	bool (*has)(const struct regmap_driver *, const struct regmap_list *, const char *),
	const char *name)
{
	struct regmap_list *list = malloc(sizeof(*list));
	struct regmap_driver driver;
	bool found = false;
	unsigned int i;

	assert_non_null(list);
	for (i = 0; !found && regmap_driver(i, &driver); i++) {
		if (driver.field != table)
			continue;
		fill_list(list, &driver);
		found = has(&driver, list, name);
	}
	free(list);
	return found;
}

static void
fields_are_the_same(void **state)
{
	struct regmap_list *list = malloc(sizeof(*list));
	struct regmap_driver driver;
	unsigned int i, k, failed = 0, compared = 0;

	(void)state;
	assert_non_null(list);
	for (i = 0; regmap_driver(i, &driver); i++) {
		struct view view;

		if (driver.field == NULL)
			continue;
		open_view(&view, &driver);
		fill_list(list, &driver);
		assert_int_equal(driver.nb_fields, masks_of(&driver)->nb);
		for (k = 0; k < driver.nb_fields; k++) {
			/* A register that other members of the family have. */
			if (!is_listed(&driver, list, driver.field[k].row) &&
			    any_has(driver.field, is_listed, driver.field[k].row))
				continue;
			failed += check_field(&driver, &view, k);
			compared++;
		}
		free(view.row_of);
	}
	free(list);
	print_message("# %u fields compared\n", compared);
	assert_int_equal(failed, 0);
}

/* --- Nothing is left out --- */

/* The name that a line of a header defines; "" if it defines none. */
static void
defined_name(const char *line, char *name, size_t bytes)
{
	static const char define[] = "#define ";
	size_t length;

	name[0] = '\0';
	if (strncmp(line, define, sizeof(define) - 1) != 0)
		return;
	line += sizeof(define) - 1;
	length = strspn(line, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789");
	if (length < bytes)
		snprintf(name, bytes, "%.*s", (int)length, line);
}

static unsigned int
check_header(const struct regmap_driver *driver)
{
	char path[500], line[200], name[64];
	unsigned int failed = 0, names = 0;
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", DRIVERS_NET, driver->header);
	file = fopen(path, "r");
	if (file == NULL)
		fail_msg("%s cannot be read", path);
	while (fgets(line, sizeof(line), file) != NULL) {
		defined_name(line, name, sizeof(name));
		if (name[0] == '\0')
			continue;
		names++;
		if (any_has(driver->field, is_known, name))
			continue;
		print_error("# %s: %s of %s is compared with nothing\n", driver->name, name,
			    driver->header);
		failed++;
	}
	fclose(file);
	/* Far fewer would mean that this does not read headers as they are written now. */
	assert_true(names > 50);
	return failed;
}

static void
no_register_is_left_out(void **state)
{
	struct regmap_driver driver;
	unsigned int i, failed = 0;

	(void)state;
	for (i = 0; regmap_driver(i, &driver); i++)
		if (driver.header != NULL)
			failed += check_header(&driver);
	assert_int_equal(failed, 0);
}

/* --- Meaning --- */

static unsigned int
differs(const char *driver, const char *what, unsigned long long expect, unsigned long long got)
{
	if (expect == got)
		return 0;
	print_error("# %s: %s is %llu (%#llx); the model has %llu (%#llx)\n", driver, what, expect,
		    expect, got, got);
	return 1;
}

static struct nic *
open_nic(const struct regmap_driver *driver)
{
	const struct nic_config config = {
		.family = nic_family_find(driver->model),
		.nb_vfs = 2,
		.mac = { 0x02, 0, 0, 0, 0, 1 },
		.manual_clock = true,
	};
	struct nic *nic = nic_create(&config);

	assert_non_null(nic);
	pthread_mutex_lock(&nic->lock);
	nic->pf.bus_master = true;
	return nic;
}

static void
close_nic(struct nic *nic)
{
	pthread_mutex_unlock(&nic->lock);
	nic_free(nic);
}

/* How many pools there are is software's choice in some families; the drivers want 64. */
static void
choose_pools(struct nic *nic)
{
	const struct reg_row *row = reg_row_find(nic->family->pf_rows, nic->family->nb_pf_rows,
						 "GCR_EXT");

	if (row != NULL)
		reg_write(&nic->pf, row->offset, 3);
}

static unsigned int
check_limits(const struct regmap_driver *driver)
{
	const struct regmap_limits *limits = &driver->limits;
	struct nic *nic = open_nic(driver);
	const struct nic_family *family = nic->family;
	unsigned int failed = 0, vf, i;

	choose_pools(nic);
	failed += differs(driver->name, "pools", limits->pools, family->nb_pools);
	failed += differs(driver->name, "queues", driver->queue.nb, family->nb_queues);
	/* One pool stays with the PF, so the driver may use one VF less than there are pools. */
	failed += differs(driver->name, "VFs and the PF", limits->vfs + 1, family->nb_pools);
	/* The PF may keep a row of a table for itself. */
	failed += differs(driver->name, "addresses, at most", true,
			  limits->rars <= family->nb_rars);
	failed += differs(driver->name, "VLANs of pools, at most", true,
			  limits->vlvfs <= family->nb_vlvfs);
	for (vf = 0; vf < limits->vfs; vf++)
		for (i = 0; i < limits->vf_queues; i++)
			failed += differs(driver->name, "queue of a VF",
					  vf * limits->vf_step + i * limits->vf_queue_step,
					  family->vf_queue(nic, vf, i));
	failed += differs(driver->name, "queues of a VF, no more", true,
			  family->vf_queue(nic, 0, limits->vf_queues) >= family->nb_queues);
	close_nic(nic);
	return failed;
}

static void
limits_are_the_same(void **state)
{
	struct regmap_driver driver;
	unsigned int i, failed = 0;

	(void)state;
	for (i = 0; regmap_driver(i, &driver); i++)
		if (!driver.vf)
			failed += check_limits(&driver);
	assert_int_equal(failed, 0);
}

/* A queue of the PF, or of VF 1. */
static unsigned int
check_queue(const struct regmap_driver *driver)
{
	const struct regmap_queue *queue = &driver->queue;
	struct nic *nic = open_nic(driver);
	const struct nic_family *family = nic->family;
	struct function *fn = driver->vf ? &nic->vf[1] : &nic->pf;
	const struct rx_queue *rxq;
	unsigned int failed = 0, q = queue->which;

	choose_pools(nic);
	if (driver->vf) {
		q = family->vf_queue(nic, 1, q);
	} else {
		failed += differs(driver->name, "block of the Rx queue", queue->rx_block,
				  family->rx_block(q));
		failed += differs(driver->name, "block of the Tx queue", queue->tx_block,
				  family->tx_block(q));
	}
	rxq = &nic->rxq[q];
	reg_write(fn, queue->srrctl, queue->srrctl_2k_drop);
	failed += differs(driver->name, "buffer of 2 KB", 2048, rxq->buffer_bytes);
	failed += differs(driver->name, "one buffer", RX_ONE_BUFFER, rxq->desc_type);
	failed += differs(driver->name, "drop", true, rxq->drop_en);
	failed += differs(driver->name, "no threshold", 0, rxq->low_threshold);
	reg_write(fn, queue->srrctl, queue->srrctl_low);
	failed += differs(driver->name, "low threshold", queue->low_threshold, rxq->low_threshold);
	failed += differs(driver->name, "bad frame", family->rxd.error_rxe,
			  queue->rxd_errors & family->rxd.error_rxe);
	failed += differs(driver->name, "bad frame, not checksum", 0, queue->rxd_errors &
			  (family->rxd.error_l4 | family->rxd.error_ip));
	close_nic(nic);
	return failed;
}

static void
queues_mean_the_same(void **state)
{
	struct regmap_driver driver;
	unsigned int i, failed = 0;

	(void)state;
	for (i = 0; regmap_driver(i, &driver); i++)
		failed += check_queue(&driver);
	assert_int_equal(failed, 0);
}

static void
intervals_mean_the_same(void **state)
{
	struct regmap_driver driver;
	unsigned int i, failed = 0;

	(void)state;
	for (i = 0; regmap_driver(i, &driver); i++) {
		struct nic *nic = open_nic(&driver);
		struct function *fn = driver.vf ? &nic->vf[1] : &nic->pf;
		const struct reg_row *row = reg_row_find(fn->rows, fn->nb_rows,
							 driver.vf ? "VTEITR" : "EITR");

		assert_non_null(row);
		reg_write(fn, row->offset, driver.queue.eitr_100_ticks);
		failed += differs(driver.name, "100 ticks, in ns", driver.queue.eitr_tick_ns * 100,
				  fn->vector[0].interval_ns);
		reg_write(fn, row->offset, driver.queue.eitr_restarted);
		failed += differs(driver.name, "96 ticks, in ns", driver.queue.eitr_tick_ns * 96,
				  fn->vector[0].interval_ns);
		failed += differs(driver.name, "left of them", driver.queue.eitr_tick_ns * 96,
				  fn->vector[0].not_before_ns - nic_now_ns(nic));
		close_nic(nic);
	}
	assert_int_equal(failed, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(registers_are_the_same),
		cmocka_unit_test(fields_are_the_same),
		cmocka_unit_test(no_register_is_left_out),
		cmocka_unit_test(limits_are_the_same),
		cmocka_unit_test(queues_mean_the_same),
		cmocka_unit_test(intervals_mean_the_same),
	};

	return cmocka_run_group_tests_name("regmap", tests, NULL, NULL);
}
