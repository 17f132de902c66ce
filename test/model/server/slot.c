/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <errno.h>
#include <linux/futex.h>
#include <poll.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "slot.h"

#define SLOT_BYTES     4096
#define LOOKS_ASKING   400	/* some microseconds: the port's side is at work */
#define LOOKS_SERVING  200
/* Then the other side may be gone. */
#define SLEEP_ASKING_NS	 100000000
#define SLEEP_SERVING_NS 999999999

static void
sleep_on(_Atomic uint32_t *word, uint32_t expected, uint32_t ns)
{
	const struct timespec most = { .tv_nsec = ns };

	/* Whatever it returns, the word is looked at again. */
	syscall(SYS_futex, word, FUTEX_WAIT, expected, &most, NULL, 0);
}

static void
wake(_Atomic uint32_t *word)
{
	syscall(SYS_futex, word, FUTEX_WAKE, INT32_MAX, NULL, NULL, 0);
}

struct slot *
slot_map(int fd)
{
	void *memory = mmap(NULL, SLOT_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	return memory == MAP_FAILED ? NULL : memory;
}

struct slot *
slot_create(int *fd)
{
	struct slot *slot;

	*fd = memfd_create("sluice-model-slot", MFD_CLOEXEC);
	if (*fd < 0)
		return NULL;
	slot = ftruncate(*fd, SLOT_BYTES) < 0 ? NULL : slot_map(*fd);
	if (slot == NULL) {
		int saved = errno;

		close(*fd);
		errno = saved;
	}
	return slot;
}

void
slot_unmap(struct slot *slot)
{
	if (slot != NULL)
		munmap(slot, SLOT_BYTES);
}

/**
 * Wait asleep.
 *
 * The flag is set before the state is looked at once more, and the other side sets the state before
 * it looks at the flag: one of the two sees the other. Both are sequentially consistent for that.
 */
static void
wait_for_change(struct slot *slot, _Atomic uint32_t *sleeps, uint32_t seen, uint32_t ns)
{
	atomic_store(sleeps, 1);
	if (atomic_load(&slot->state) == seen)
		sleep_on(&slot->state, seen, ns);
	atomic_store(sleeps, 0);
}

static bool
changes_soon(struct slot *slot, uint32_t seen, unsigned int looks)
{
	for (unsigned int i = 0; i < looks; i++) {
		if (atomic_load_explicit(&slot->state, memory_order_acquire) != seen)
			return true;
		__builtin_ia32_pause();
	}
	return false;
}

static bool
is_hung_up(int sock)
{
	struct pollfd fds = { .fd = sock, .events = POLLRDHUP };

	return poll(&fds, 1, 0) > 0 && fds.revents & (POLLHUP | POLLRDHUP | POLLERR | POLLNVAL);
}

bool
slot_ask(struct slot *slot, struct access *access, int sock)
{
	uint32_t state = atomic_load(&slot->state);

	if (state == SLOT_CLOSED)
		return false;
	slot->access = *access;
	/* It may be closed meanwhile, for good. */
	if (!atomic_compare_exchange_strong(&slot->state, &state, SLOT_ASKED))
		return false;
	if (atomic_load(&slot->port_sleeps) != 0)
		wake(&slot->state);
	if (!changes_soon(slot, SLOT_ASKED, LOOKS_ASKING))
		while (atomic_load(&slot->state) == SLOT_ASKED && !is_hung_up(sock))
			wait_for_change(slot, &slot->software_sleeps, SLOT_ASKED, SLEEP_ASKING_NS);
	if (atomic_load_explicit(&slot->state, memory_order_acquire) != SLOT_ANSWERED)
		return false;
	access->value = slot->access.value;
	return true;
}

bool
slot_next(struct slot *slot, struct access *access, const atomic_bool *stop)
{
	for (;;) {
		uint32_t state = atomic_load_explicit(&slot->state, memory_order_acquire);

		if (atomic_load(stop))
			return false;
		if (state == SLOT_ASKED)
			break;
		if (!changes_soon(slot, state, LOOKS_SERVING))
			wait_for_change(slot, &slot->port_sleeps, state, SLEEP_SERVING_NS);
	}
	*access = slot->access;
	return true;
}

void
slot_answer(struct slot *slot, uint64_t value)
{
	slot->access.value = value;
	atomic_store(&slot->state, SLOT_ANSWERED);
	if (atomic_load(&slot->software_sleeps) != 0)
		wake(&slot->state);
}

void
slot_close(struct slot *slot)
{
	atomic_store(&slot->state, SLOT_CLOSED);
	wake(&slot->state);
}
