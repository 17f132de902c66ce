/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * Code as this compiler makes it, on memory that traps and on memory that does not; and who gets
 * the signals and system calls that are not the model's.
 */
#include <errno.h>
#include <linux/vfio.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cases.h"
#include "fd_trap.h"
#include "trap.h"

#define BYTES 4096

static uint8_t *trapping, *foreign;	/**< no access rights; the model's, and nobody's */
static uint32_t shadow[BYTES / 4];	/**< what is read and written in trapping */
static unsigned int nb_accesses;

static uint64_t
load(void *ctx, uintptr_t offset, unsigned int bytes)
{
	uint64_t value = 0;

	(void)ctx;
	nb_accesses++;
	memcpy(&value, (uint8_t *)shadow + offset, bytes);
	return value;
}

static void
store(void *ctx, uintptr_t offset, unsigned int bytes, uint64_t value)
{
	(void)ctx;
	nb_accesses++;
	memcpy((uint8_t *)shadow + offset, &value, bytes);
}

static void
on_access(void *ctx, size_t offset, const struct insn *insn, mcontext_t *context)
{
	const struct insn_memory memory = { .load = load, .store = store };

	(void)ctx;
	insn_execute(insn, offset, &memory, context);
}

/** What drivers do with registers, and how compilers shorten it. */
static uint64_t
exercise(volatile uint32_t *reg, uint32_t x)
{
	volatile uint16_t *half = (volatile uint16_t *)&reg[8];
	volatile uint8_t *byte = (volatile uint8_t *)&reg[12];
	volatile uint64_t *wide = (volatile uint64_t *)&reg[16];
	volatile int32_t *number = (volatile int32_t *)&reg[20];
	uint64_t sum = 0;

	reg[0] = x;
	reg[1] = 0x12345678;
	reg[2] = reg[0] + reg[1];
	reg[x & 3] |= 1u << 25;
	reg[1] &= ~x;
	reg[1] ^= 0x80;
	if (reg[1] & (1u << 19))
		sum += 3;
	if (reg[2] & x)
		sum += 5;
	if (reg[0] == x || reg[2] > 77)
		sum += 7;
	sum += reg[3];
	reg[3] = reg[3] + 1;
	sum += (uint64_t)reg[0] << 32 | reg[1];
	half[1] = x;
	sum += half[0] + half[1] + (int16_t)half[1];
	byte[3] = x >> 8;
	sum += byte[0] + byte[3] + (int8_t)byte[3];
	wide[0] = sum * x;
	wide[1] = wide[0] + 1;
	number[0] = -(int32_t)(x >> 1);
	sum += number[0] < 0 ? 11 : 13;
	sum += (int64_t)number[0] * 3;
	sum += ~reg[2] & x;
	reg[4] = __builtin_bswap32(reg[0]);
	for (unsigned int i = 0; i < 8; i++)
		reg[24 + i] = reg[i] >> i;
	return sum + wide[1] + (reg[24] != 0 ? reg[25] : 1);
}

static void
compiled_code_sees_memory(void **state)
{
	static uint32_t plain[BYTES / 4];
	uint32_t x = 0x9e3779b9;

	(void)state;
	memset(plain, 0, sizeof(plain));
	memset(shadow, 0, sizeof(shadow));
	nb_accesses = 0;
	for (unsigned int i = 0; i < 1000; i++, x = x * 1664525 + 1013904223) {
		uint64_t expected = exercise(plain, x);

		assert_true(exercise((volatile uint32_t *)trapping, x) == expected);
		assert_memory_equal(shadow, plain, sizeof(plain));
	}
	assert_true(nb_accesses > 1000 * 50);
}

static sigjmp_buf back;
static void *faulted_at;

static void
own_handler(int signal, siginfo_t *info, void *context)
{
	(void)context;
	faulted_at = info->si_addr;
	siglongjmp(back, signal);
}

static void
other_faults_are_the_programs(void **state)
{
	struct sigaction action = { .sa_sigaction = own_handler, .sa_flags = SA_SIGINFO }, old;

	(void)state;
	assert_int_equal(sigaction(SIGSEGV, &action, &old), 0);
	if (sigsetjmp(back, 1) == 0)
		*(volatile uint8_t *)&foreign[5] = 1;
	assert_ptr_equal(faulted_at, &foreign[5]);
	/* The model has not lost the signal by that. */
	shadow[1] = 0x1234;
	assert_int_equal(((volatile uint32_t *)trapping)[1], 0x1234);
	assert_int_equal(sigaction(SIGSEGV, &old, &action), 0);
	assert_ptr_equal(action.sa_sigaction, own_handler);
}

static void
unknown_instructions_end_the_process(void **state)
{
	int pipes[2], status;
	char text[256] = "";
	pid_t pid;

	(void)state;
	assert_int_equal(pipe(pipes), 0);
	pid = fork();
	assert_return_code(pid, 0);
	if (pid == 0) {
		signal(SIGSEGV, SIG_DFL);
		dup2(pipes[1], STDERR_FILENO);
		__asm__ volatile("movups (%0), %%xmm0" : : "r"(trapping + 0x40) : "xmm0");
		_exit(0);
	}
	close(pipes[1]);
	assert_true(read(pipes[0], text, sizeof(text) - 1) > 0);
	close(pipes[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGSEGV);
	assert_non_null(strstr(text, "cannot decode the access to register 0x40"));
	assert_non_null(strstr(text, ": 0f 10 "));
}

/* --- System calls --- */

static struct {
	unsigned int nb_irqs, nb_writes;
	uint64_t offset;
	uint32_t count;
} seen;

static long
on_irqs(void *ctx, const struct vfio_irq_set *set)
{
	assert_ptr_equal(ctx, &seen);
	seen.nb_irqs++;
	seen.count = set->count;
	return set->count == 9 ? -EINVAL : 0;
}

static long
on_pwrite(void *ctx, const void *data, size_t bytes, uint64_t offset)
{
	assert_ptr_equal(ctx, &seen);
	assert_memory_equal(data, "four", 4);
	seen.nb_writes++;
	seen.offset = offset;
	return bytes;
}

static void
calls_on_a_descriptor_come_to_us(void **state)
{
	static const struct fd_trap_ops ops = { .set_irqs = on_irqs, .pwrite = on_pwrite };
	struct vfio_irq_set set = { .argsz = sizeof(set), .count = 3 };
	int file = memfd_create("file", 0), other = memfd_create("other", 0), fd;
	char text[8] = "";

	(void)state;
	assert_int_equal(write(file, "content", 7), 7);
	fd = fd_trap_adopt(file, &ops, &seen);
	assert_return_code(fd, 0);
	assert_int_equal(ioctl(fd, VFIO_DEVICE_SET_IRQS, &set), 0);
	assert_int_equal(seen.count, 3);
	set.count = 9;
	assert_int_equal(ioctl(fd, VFIO_DEVICE_SET_IRQS, &set), -1);
	assert_int_equal(errno, EINVAL);
	assert_int_equal(pwrite(fd, "four", 4, 7ll << 40), 4);
	assert_true(seen.offset == 7ull << 40);
	assert_int_equal(pread(fd, text, 7, 0), 7);
	assert_string_equal(text, "content");

	/* Anybody else's are the kernel's. */
	assert_int_equal(ioctl(other, VFIO_DEVICE_SET_IRQS, &set), -1);
	assert_int_equal(errno, ENOTTY);
	assert_int_equal(pwrite(other, "five!", 5, 0), 5);
	assert_int_equal(dup2(other, fd + 1), fd + 1);
	assert_int_equal(pwrite(fd + 1, "five!", 5, 0), 5);
	assert_int_equal(seen.nb_irqs, 2);
	assert_int_equal(seen.nb_writes, 1);
	fd_trap_release(fd);
	assert_int_equal(close(fd), -1);
	close(fd + 1);
	close(other);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(compiled_code_sees_memory),
		cmocka_unit_test(other_faults_are_the_programs),
		cmocka_unit_test(unknown_instructions_end_the_process),
		cmocka_unit_test(calls_on_a_descriptor_come_to_us),
	};
	static const struct trap_ops ops = { .access = on_access };
	const char *what = "";

	/* cmocka sets handlers of its own for each test: from here on they come second. */
	if (fd_trap_install(&what) != 0) {
		fprintf(stderr, "# %s: not possible here\n", what);
		return 1;
	}
	trapping = mmap(NULL, BYTES, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	foreign = mmap(NULL, BYTES, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (trap_region_add(trapping, BYTES, &ops, NULL) == NULL)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
