/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>

#include "guard.h"
#include "nic.h"

#define PIECES_MAX 65536	/* huge pages of 2 MB may each be a file */

struct piece {
	uintptr_t base;
	uint64_t bytes;		/**< 0: free */
	int vf;
};

static struct piece pieces[PIECES_MAX];
static unsigned int nb_pieces;	/**< in use, with some free ones among them */
static atomic_bool gone[1 + NIC_VFS_MAX];
static int event_fd = -1;

/** The access is made again and ends the process, with the core where it was. */
static void
give_up(void)
{
	signal(SIGBUS, SIG_DFL);
}

/** In the thread that made the access, and so under nic->lock if the address is a piece's. */
static void
on_bus_error(int number, siginfo_t *info, void *context)
{
	const uintptr_t address = (uintptr_t)info->si_addr;
	const uint64_t one = 1;
	int saved_errno = errno;
	struct piece *piece = NULL;

	(void)number;
	(void)context;
	for (unsigned int i = 0; i < nb_pieces && piece == NULL; i++)
		if (address - pieces[i].base < pieces[i].bytes)
			piece = &pieces[i];
	if (piece == NULL || info->si_code <= 0 ||
	    mmap((void *)piece->base, piece->bytes, PROT_READ | PROT_WRITE,
		 MAP_FIXED | MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0) == MAP_FAILED) {
		give_up();
		return;
	}
	atomic_store(&gone[piece->vf - PF_INDEX], true);
	/* Its only way to fail is a full counter, which is readable as well. */
	if (write(event_fd, &one, sizeof(one)) < 0)
		errno = 0;
	errno = saved_errno;
}

int
guard_install(void)
{
	const struct sigaction action = {
		.sa_sigaction = on_bus_error,
		.sa_flags = SA_SIGINFO | SA_NODEFER,
	};

	event_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (event_fd < 0 || sigaction(SIGBUS, &action, NULL) < 0)
		return -errno;
	return event_fd;
}

int
guard_add(void *host, uint64_t bytes, int vf)
{
	unsigned int i = 0;

	while (i < nb_pieces && pieces[i].bytes != 0)
		i++;
	if (i == PIECES_MAX)
		return -ENOSPC;
	pieces[i] = (struct piece){ .base = (uintptr_t)host, .bytes = bytes, .vf = vf };
	if (i == nb_pieces)
		nb_pieces++;
	return 0;
}

/** What is left of a piece on both sides is guarded on. */
static void
cut(struct piece *piece, uintptr_t first, uintptr_t end)
{
	const struct piece whole = *piece;
	const uintptr_t whole_end = whole.base + whole.bytes;

	piece->bytes = first > whole.base ? first - whole.base : 0;
	if (end >= whole_end)
		return;
	if (piece->bytes == 0) {
		piece->base = end;
		piece->bytes = whole_end - end;
	} else {
		/* With no place left, who takes that away ends this process, as without us. */
		(void)guard_add((void *)end, whole_end - end, whole.vf);
	}
}

void
guard_remove(void *host, uint64_t bytes)
{
	const uintptr_t first = (uintptr_t)host, end = first + bytes;
	const unsigned int nb = nb_pieces;

	for (unsigned int i = 0; i < nb; i++)
		if (pieces[i].bytes != 0 && pieces[i].base < end &&
		    first < pieces[i].base + pieces[i].bytes)
			cut(&pieces[i], first, end);
	while (nb_pieces > 0 && pieces[nb_pieces - 1].bytes == 0)
		nb_pieces--;
}

int
guard_next_gone(void)
{
	uint64_t count;

	if (read(event_fd, &count, sizeof(count)) < 0 && errno != EAGAIN)
		return GUARD_NONE;
	for (int vf = PF_INDEX; vf < NIC_VFS_MAX; vf++)
		if (atomic_exchange(&gone[vf - PF_INDEX], false))
			return vf;
	return GUARD_NONE;
}
