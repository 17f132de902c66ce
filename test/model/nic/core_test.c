/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * What is common to all families, on one that does not exist: rows, DMA, vectors, removal.
 */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "dma.h"
#include "interrupt.h"
#include "regfile.h"

#define US 1000ull

enum { PLAIN = 0x00, FIXED = 0x04, SET = 0x08, CLEAR = 0x0c, COUNT = 0x10, KEPT = 0x14,
       ARRAY = 0x20, OTHER_NAME = 0x80, WINDOW = 0x100, NOISY = 0x180, RX = 0x400, TX = 0x800 };
enum { VF_OWN = 0x00, VF_WINDOW = 0x04, VF_NONE = 0x08, VF_KEPT = 0x0c };

static struct {
	uint32_t old, written;
	unsigned int i, writes, fired;
	int by_vf;
} seen;

static uint32_t
noisy_read(struct function *fn, unsigned int i, uint32_t value)
{
	if (!fn->nic->peeking)
		seen.writes++;
	return value | 0x80000000 | i;
}

static void
noisy_write(struct function *fn, unsigned int i, uint32_t old, uint32_t written)
{
	seen.old = old;
	seen.written = written;
	seen.i = i;
	seen.by_vf = fn->vf;
}

static uint32_t
to_window(const struct nic *nic, unsigned int vf, unsigned int i)
{
	(void)nic;
	(void)i;
	return WINDOW + 4 * vf;
}

static uint32_t
to_nothing(const struct nic *nic, unsigned int vf, unsigned int i)
{
	(void)nic;
	(void)vf;
	(void)i;
	return UINT32_MAX;
}

static const struct reg_row pf_rows[] = {
	{ .name = "PLAIN", .offset = PLAIN, .reset = 5, .writable = 0xffff },
	{ .name = "FIXED", .offset = FIXED, .reset = 7 },
	{ .name = "SET", .offset = SET, .set_by_1 = 0xff },
	{ .name = "CLEAR", .offset = CLEAR, .reset = 0xff, .clear_by_1 = 0xf0 },
	{ .name = "COUNT", .offset = COUNT, .reset = 0x1ff, .clear_by_read = 0xff },
	{ .name = "KEPT", .offset = KEPT, .writable = RW,
	  .kept = KEPT_BY(RESET_PF_SOFTWARE) | KEPT_BY(RESET_POWER) },
	{ .name = "ARRAY", .offset = ARRAY, .count = 4, .stride = 8, .writable = RW },
	{ .name = "OTHER_NAME", .offset = OTHER_NAME, .count = 3, .alias = ARRAY },
	{ .name = "WINDOW", .offset = WINDOW, .count = 2, .writable = RW,
	  .on_write = noisy_write },
	{ .name = "NOISY", .offset = NOISY, .count = 2, .writable = 0xff, .on_read = noisy_read,
	  .on_write = noisy_write },
	{ .name = "RX", .offset = RX, .count = 16, .writable = RW },
	{ .name = "TX", .offset = TX, .count = 16, .writable = RW },
};

static const struct reg_row vf_rows[] = {
	{ .name = "VF_OWN", .offset = VF_OWN, .writable = RW, .reset = 3 },
	{ .name = "VF_WINDOW", .offset = VF_WINDOW, .to_pf = to_window },
	{ .name = "VF_NONE", .offset = VF_NONE, .to_pf = to_nothing },
	{ .name = "VF_KEPT", .offset = VF_KEPT, .writable = RW, .kept = KEPT_BY(RESET_VF) },
};

static uint32_t
rx_block(uint16_t queue)
{
	(void)queue;
	return RX;
}

static uint32_t
tx_block(uint16_t queue)
{
	(void)queue;
	return TX;
}

static uint16_t
vf_queue(const struct nic *nic, unsigned int vf, unsigned int i)
{
	(void)nic;
	(void)vf;
	(void)i;
	return UINT16_MAX;
}

static void
ignore_reset(struct nic *nic, enum reset_kind kind, unsigned int vf)
{
	(void)nic;
	(void)kind;
	(void)vf;
}

static void
ignore_link(struct nic *nic)
{
	(void)nic;
}

static void
note_fired(struct function *fn, unsigned int vector)
{
	(void)fn;
	(void)vector;
	seen.fired++;
}

static const struct nic_family toy = {
	.name = "toy",
	.pf_bar_bytes = 0x1000, .vf_bar_bytes = 0x1000,
	.pf_vectors = 3, .vf_vectors = 2, .nb_queues = 1, .nb_pools = 2, .max_vfs = 2,
	.pf_rows = pf_rows, .nb_pf_rows = sizeof(pf_rows) / sizeof(pf_rows[0]),
	.vf_rows = vf_rows, .nb_vf_rows = sizeof(vf_rows) / sizeof(vf_rows[0]),
	.rx_block = rx_block, .tx_block = tx_block, .vf_queue = vf_queue,
	.reset = ignore_reset, .link_cause = ignore_link, .vector_fired = note_fired,
};

static struct nic *
create(void)
{
	struct nic_config config = { .family = &toy, .nb_vfs = 2, .manual_clock = true };
	struct nic *nic = nic_create(&config);

	assert_non_null(nic);
	memset(&seen, 0, sizeof(seen));
	return nic;
}

static void
test_bits(void **state)
{
	struct nic *nic = create();
	struct function *pf = &nic->pf;

	(void)state;
	assert_int_equal(reg_read(pf, PLAIN), 5);
	reg_write(pf, PLAIN, 0x12345678);
	assert_int_equal(reg_read(pf, PLAIN), 0x5678);
	reg_write(pf, FIXED, 0);
	assert_int_equal(reg_read(pf, FIXED), 7);
	reg_write(pf, SET, 0x101);
	reg_write(pf, SET, 0x02);
	assert_int_equal(reg_read(pf, SET), 0x03);
	reg_write(pf, CLEAR, 0x1f);
	assert_int_equal(reg_read(pf, CLEAR), 0xef);
	assert_int_equal(reg_peek(pf, COUNT), 0x1ff);
	assert_int_equal(reg_read(pf, COUNT), 0x1ff);
	assert_int_equal(reg_read(pf, COUNT), 0x100);
	nic_free(nic);
}

static void
test_names(void **state)
{
	struct nic *nic = create();

	(void)state;
	/* Strides differ: the third name is the third register. */
	reg_write(&nic->pf, OTHER_NAME + 8, 0xabc);
	assert_int_equal(reg_read(&nic->pf, ARRAY + 16), 0xabc);
	assert_int_equal(reg_read(&nic->pf, ARRAY + 8), 0);
	reg_write(&nic->vf[1], VF_WINDOW, 0x77);
	assert_int_equal(seen.by_vf, 1);
	assert_int_equal(seen.i, 1);
	assert_int_equal(reg_read(&nic->pf, WINDOW + 4), 0x77);
	assert_int_equal(reg_read(&nic->pf, WINDOW), 0);
	assert_int_equal(reg_read(&nic->vf[0], VF_WINDOW), 0);
	reg_write(&nic->vf[0], VF_NONE, 1);
	assert_int_equal(reg_read(&nic->vf[0], VF_NONE), 0);
	assert_int_equal(nic->odd.unknown_reads + nic->odd.unknown_writes, 0);
	assert_string_equal(reg_row_find(pf_rows, toy.nb_pf_rows, "ARRAY")->name, "ARRAY");
	assert_null(reg_row_find(pf_rows, toy.nb_pf_rows, "VF_OWN"));
	nic_free(nic);
}

static void
test_calls(void **state)
{
	struct nic *nic = create();

	(void)state;
	reg_write(&nic->pf, NOISY + 4, 0x1ff);
	assert_int_equal(seen.old, 0);
	assert_int_equal(seen.written, 0x1ff);
	assert_int_equal(seen.i, 1);
	assert_int_equal(reg_peek(&nic->pf, NOISY + 4), 0x800000ff);
	assert_int_equal(seen.writes, 0);
	assert_int_equal(reg_read(&nic->pf, NOISY + 4), 0x800000ff);
	assert_int_equal(seen.writes, 1);
	nic_free(nic);
}

static void
test_unknown(void **state)
{
	struct nic *nic = create();

	(void)state;
	assert_int_equal(reg_read(&nic->pf, 0xf00), 0);
	assert_int_equal(reg_read(&nic->pf, 0xf00), 0);
	assert_int_equal(reg_read(&nic->pf, 0x10000), 0);
	reg_write(&nic->vf[0], 0xf04, 1);
	assert_int_equal(nic->odd.unknown_reads, 3);
	assert_int_equal(nic->odd.unknown_writes, 1);
	assert_int_equal(nic->odd.nb_unknown, 3);
	assert_int_equal(nic->odd.unknown_offset[0], 0xf00);
	assert_int_equal(nic->odd.unknown_offset[2], 0x80000f04);
	nic_free(nic);
}

static void
test_resets(void **state)
{
	struct nic *nic = create();

	(void)state;
	reg_write(&nic->pf, PLAIN, 1);
	reg_write(&nic->pf, KEPT, 1);
	reg_write(&nic->vf[0], VF_OWN, 9);
	reg_write(&nic->vf[0], VF_KEPT, 9);
	reg_write(&nic->vf[1], VF_OWN, 9);
	nic_reset(nic, RESET_VF, 0);
	assert_int_equal(reg_read(&nic->vf[0], VF_OWN), 3);
	assert_int_equal(reg_read(&nic->vf[0], VF_KEPT), 9);
	assert_int_equal(reg_read(&nic->vf[1], VF_OWN), 9);
	assert_int_equal(reg_read(&nic->pf, PLAIN), 1);
	nic_flr(&nic->pf);
	assert_int_equal(reg_read(&nic->pf, PLAIN), 5);
	assert_int_equal(reg_read(&nic->pf, KEPT), 1);
	assert_int_equal(reg_read(&nic->vf[1], VF_OWN), 3);
	nic_reset(nic, RESET_POWER, 0);
	assert_int_equal(reg_read(&nic->pf, KEPT), 0);
	assert_int_equal(reg_read(&nic->vf[0], VF_KEPT), 0);
	nic_free(nic);
}

static void
test_two_rows_claim_one_offset(void **state)
{
	static const struct reg_row rows[] = {
		{ .name = "ONE", .offset = 0x10, .count = 4 },
		{ .name = "TWO", .offset = 0x1c },
	};
	int status;
	pid_t child = fork();

	(void)state;
	if (child == 0) {
		if (freopen("/dev/null", "w", stderr) == NULL)
			_exit(1);
		regfile_index(rows, 2, 0x1000);
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGABRT);
}

static void
test_too_many_vfs(void **state)
{
	struct nic_config config = { .family = &toy, .nb_vfs = 3 };

	(void)state;
	assert_null(nic_create(&config));
	assert_int_equal(errno, EINVAL);
	nic_free(NULL);
}

static void
test_families(void **state)
{
	static const struct {
		const char *name;
		const struct nic_family *family;
	} all[] = {
		{ "82576", &nic_family_82576 }, { "i350", &nic_family_i350 },
		{ "82599", &nic_family_82599 }, { "x540", &nic_family_x540 },
		{ "x550", &nic_family_x550 }, { "82575", NULL }, { "", NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		assert_ptr_equal(nic_family_find(all[i].name), all[i].family);
}

static void
test_absent_and_gone(void **state)
{
	struct nic *nic = create();

	(void)state;
	nic_set_vfs(nic, 1);
	assert_int_equal(reg_read(&nic->vf[1], VF_OWN), UINT32_MAX);
	assert_int_equal(reg_read(&nic->vf[0], VF_OWN), 3);
	reg_write(&nic->vf[1], VF_OWN, 8);
	nic_set_vfs(nic, 2);
	assert_int_equal(reg_read(&nic->vf[1], VF_OWN), 3);
	nic_surprise_remove(&nic->vf[0]);
	assert_int_equal(reg_read(&nic->vf[0], VF_OWN), UINT32_MAX);
	assert_int_equal(reg_peek(&nic->vf[0], VF_WINDOW), UINT32_MAX);
	reg_write(&nic->vf[0], VF_WINDOW, 1);
	assert_int_equal(reg_read(&nic->pf, WINDOW), 0);
	assert_int_equal(reg_read(&nic->vf[1], VF_OWN), 3);
	assert_false(function_alive(&nic->vf[0]));
	nic_surprise_remove(&nic->pf);
	assert_int_equal(reg_read(&nic->pf, PLAIN), UINT32_MAX);
	assert_int_equal(reg_read(&nic->vf[1], VF_OWN), UINT32_MAX);
	nic_free(nic);
}

static uint32_t *
give_bar(void *ctx, int vf, uint32_t bytes)
{
	uint32_t **bars = ctx;

	bars[vf + 1] = calloc(1, bytes);
	return bars[vf + 1];
}

static void
test_storage_of_the_caller(void **state)
{
	uint32_t *bars[3] = { NULL };
	struct nic_config config = { .family = &toy, .nb_vfs = 1, .bar = give_bar,
				     .bar_ctx = bars };
	struct nic *nic = nic_create(&config);

	(void)state;
	assert_non_null(nic);
	assert_int_equal(bars[0][0], 5);
	reg_write(&nic->vf[0], VF_OWN, 0x1234);
	assert_int_equal(bars[1][0], 0x1234);
	nic_free(nic);
	for (unsigned int i = 0; i < 3; i++)
		free(bars[i]);
}

/* --- DMA --- */

static void
test_dma_regions(void **state)
{
	struct nic *nic = create();
	struct function *fn = &nic->vf[0];
	static uint8_t memory[0x3000];

	(void)state;
	assert_int_equal(dma_map(&fn->dma, 0x2000, 0x1000, memory + 0x1000), 0);
	assert_int_equal(dma_map(&fn->dma, 0x1000, 0x1000, memory), 0);
	assert_int_equal(dma_map(&fn->dma, 0x8000, 0x1000, memory + 0x2000), 0);
	assert_int_equal(dma_map(&fn->dma, 0x1800, 0x1000, memory), -EEXIST);
	assert_int_equal(dma_map(&fn->dma, 0x7fff, 2, memory), -EEXIST);
	assert_int_equal(dma_map(&fn->dma, UINT64_MAX, 2, memory), -EEXIST);
	assert_ptr_equal(dma_ptr(fn, 0x1010, 0xff0), memory + 0x10);
	assert_int_equal(dma_map(&fn->dma, 0x9000, 0x1000, memory), 0);
	assert_null(dma_ptr(fn, 0x8fff, 2));
	nic_flr(fn);
	fn->dma_faults = 0;
	/* Two regions that are one piece of memory on both sides. */
	assert_ptr_equal(dma_ptr(fn, 0x1fff, 2), memory + 0xfff);
	assert_ptr_equal(dma_ptr(fn, 0x8fff, 1), memory + 0x2fff);
	assert_int_equal(fn->dma_faults, 0);
	assert_true(function_alive(fn));
	nic_free(nic);
}

static void
test_dma_faults_stop_one_function(void **state)
{
	static const struct { uint64_t iova, bytes; } outside[] = {
		{ 0x0fff, 2 }, { 0x1fff, 2 }, { 0x2000, 1 }, { 0, 1 }, { 0x1000, 0x1001 },
		{ UINT64_MAX, 2 }, { UINT64_MAX - 1, 1 }, { 0x1000, UINT64_MAX },
	};
	struct nic *nic = create();
	struct function *fn = &nic->vf[0];
	static uint8_t memory[0x1000];

	(void)state;
	assert_int_equal(dma_map(&fn->dma, 0x1000, 0x1000, memory), 0);
	for (size_t i = 0; i < sizeof(outside) / sizeof(outside[0]); i++) {
		fn->stopped = false;
		assert_null(dma_ptr(fn, outside[i].iova, outside[i].bytes));
		assert_int_equal(fn->dma_faults, i + 1);
		assert_true(fn->stopped);
	}
	assert_false(function_alive(fn));
	assert_true(function_alive(&nic->pf));
	assert_true(function_alive(&nic->vf[1]));
	nic_flr(fn);
	assert_true(function_alive(fn));
	nic_free(nic);
}

static void
test_dma_unmap(void **state)
{
	struct nic *nic = create();
	struct function *fn = &nic->pf;
	static uint8_t memory[0x3000];

	(void)state;
	for (unsigned int i = 0; i < 3; i++)
		assert_int_equal(dma_map(&fn->dma, 0x1000 * (i + 1), 0x1000, memory), 0);
	nic->rxq[0].ring = memory;
	assert_int_equal(dma_unmap(nic, &fn->dma, 0x1000, 0x800), -ENOENT);
	assert_int_equal(dma_unmap(nic, &fn->dma, 0x9000, 0x1000), -ENOENT);
	assert_non_null(nic->rxq[0].ring);
	assert_int_equal(dma_unmap(nic, &fn->dma, 0x1000, 0x2000), 0);
	assert_null(nic->rxq[0].ring);
	assert_null(dma_ptr(fn, 0x1000, 1));
	assert_null(dma_ptr(fn, 0x2fff, 1));
	assert_non_null(dma_ptr(fn, 0x3000, 1));
	dma_unmap_all(nic, &fn->dma);
	assert_null(dma_ptr(fn, 0x3000, 1));
	fn->dma.identity = true;
	assert_ptr_equal(dma_ptr(fn, (uintptr_t)memory, 8), memory);
	assert_null(dma_ptr(fn, 8, 8));
	nic_free(nic);
}

/* --- Vectors --- */

static void
test_vector_throttle_is_exact(void **state)
{
	struct nic *nic = create();
	struct function *pf = &nic->pf;

	(void)state;
	nic->clock.now_ns = 1000 * US;
	vector_set_interval(pf, 1, 50 * US, false);
	vector_raise(pf, 1);
	assert_int_equal(pf->vector[1].fired, 1);
	assert_int_equal(vectors_run(nic), UINT64_MAX);
	nic->clock.now_ns += 10 * US;
	vector_raise(pf, 1);
	vector_raise(pf, 1);
	assert_int_equal(pf->vector[1].fired, 1);
	assert_int_equal(vectors_run(nic), 1050 * US);
	nic->clock.now_ns = 1050 * US - 1;
	assert_int_equal(vectors_run(nic), 1050 * US);
	assert_int_equal(pf->vector[1].fired, 1);
	nic->clock.now_ns = 1050 * US;
	assert_int_equal(vectors_run(nic), UINT64_MAX);
	assert_int_equal(pf->vector[1].fired, 2);
	assert_int_equal(seen.fired, 2);
	/* The interval is over: at once. */
	nic->clock.now_ns += 50 * US;
	vector_raise(pf, 1);
	assert_int_equal(pf->vector[1].fired, 3);
	nic_free(nic);
}

static void
test_vector_mask_and_withdraw(void **state)
{
	struct nic *nic = create();
	struct function *vf = &nic->vf[1];

	(void)state;
	vector_mask(vf, 0, true);
	vector_raise(vf, 0);
	vector_raise(vf, 1);
	vector_raise(vf, 2);
	vector_raise(vf, 60000);
	assert_int_equal(vf->vector[0].fired, 0);
	assert_int_equal(vf->vector[1].fired, 1);
	vector_mask(vf, 0, false);
	assert_int_equal(vf->vector[0].fired, 1);
	vector_set_interval(vf, 0, 5 * US, true);
	vector_raise(vf, 0);
	assert_int_equal(vf->vector[0].fired, 2);
	vector_raise(vf, 0);
	vector_withdraw(vf, 0);
	nic->clock.now_ns += 5 * US;
	vectors_run(nic);
	assert_int_equal(vf->vector[0].fired, 2);
	nic_free(nic);
}

static void
test_vector_of_a_dead_function_is_silent(void **state)
{
	struct nic *nic = create();

	(void)state;
	nic->pf.bus_master = false;
	vector_raise(&nic->pf, 0);
	nic->vf[0].stopped = true;
	vector_raise(&nic->vf[0], 0);
	assert_int_equal(nic->pf.vector[0].fired + nic->vf[0].vector[0].fired, 0);
	assert_int_equal(vectors_run(nic), UINT64_MAX);
	nic_free(nic);
}

static void
test_vector_interval_written_while_it_runs(void **state)
{
	struct nic *nic = create();
	struct function *pf = &nic->pf;

	(void)state;
	vector_set_interval(pf, 0, 100 * US, false);
	vector_raise(pf, 0);
	vector_raise(pf, 0);
	vector_set_interval(pf, 0, 1 * US, true);
	assert_int_equal(pf->vector[0].fired, 1);
	assert_int_equal(vectors_run(nic), 100 * US);
	/* Without "keep" the counter is written too, and is over. */
	vector_set_interval(pf, 0, 1 * US, false);
	assert_int_equal(pf->vector[0].fired, 2);
	nic_free(nic);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bits),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_calls),
		cmocka_unit_test(test_unknown),
		cmocka_unit_test(test_resets),
		cmocka_unit_test(test_two_rows_claim_one_offset),
		cmocka_unit_test(test_too_many_vfs),
		cmocka_unit_test(test_families),
		cmocka_unit_test(test_absent_and_gone),
		cmocka_unit_test(test_storage_of_the_caller),
		cmocka_unit_test(test_dma_regions),
		cmocka_unit_test(test_dma_faults_stop_one_function),
		cmocka_unit_test(test_dma_unmap),
		cmocka_unit_test(test_vector_throttle_is_exact),
		cmocka_unit_test(test_vector_mask_and_withdraw),
		cmocka_unit_test(test_vector_of_a_dead_function_is_silent),
		cmocka_unit_test(test_vector_interval_written_while_it_runs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
