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

#include "sealed.h"
#include "slot.h"

#define SLOT_BYTES     4096
#define LOOKS_ASKING   400	/* some microseconds: the port's side is at work */
#define LOOKS_SERVING  200
/* Then the other side may be gone. */
#define SLEEP_ASKING_NS	 100000000
#define SLEEP_SERVING_NS 999999999
#define SLEEP_WANTED_NS	 999999999

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

	*fd = sealed_file("sluice-model-slot", SLOT_BYTES);
	if (*fd < 0) {
		errno = -*fd;
		return NULL;
	}
	slot = slot_map(*fd);
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
	access->answer = slot->access.answer;
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
slot_answer(struct slot *slot, const struct access *access)
{
	slot->access.value = access->value;
	slot->access.answer = access->answer;
	atomic_store(&slot->state, SLOT_ANSWERED);
	if (atomic_load(&slot->software_sleeps) != 0)
		wake(&slot->state);
}

void
slot_close(struct slot *slot)
{
	atomic_store(&slot->state, SLOT_CLOSED);
	wake(&slot->state);
	atomic_fetch_add(&slot->wanted_back, 1);
	wake(&slot->wanted_back);
}

uint32_t
slot_want_back(struct slot *slot, uint32_t last)
{
	atomic_store(&slot->wanted_back, last + 1);
	wake(&slot->wanted_back);
	return last + 1;
}

bool
slot_is_back(struct slot *slot, uint32_t wanted)
{
	return atomic_load_explicit(&slot->given_back, memory_order_acquire) == wanted;
}

bool
slot_wait_wanted(struct slot *slot, uint32_t *seen, int sock, const atomic_bool *stop)
{
	uint32_t wanted;

	while ((wanted = atomic_load(&slot->wanted_back)) == *seen) {
		if (atomic_load(stop) || is_hung_up(sock))
			return false;
		sleep_on(&slot->wanted_back, *seen, SLEEP_WANTED_NS);
	}
	*seen = wanted;
	return !atomic_load(stop) && atomic_load(&slot->state) != SLOT_CLOSED;
}

void
slot_give_back(struct slot *slot, uint32_t wanted)
{
	atomic_store_explicit(&slot->given_back, wanted, memory_order_release);
}

void
slot_end_waiting(struct slot *slot, atomic_bool *stop)
{
	atomic_store(stop, true);
	/* Whoever is about to sleep on the old number, does not. */
	atomic_fetch_add(&slot->wanted_back, 1);
	wake(&slot->wanted_back);
}
