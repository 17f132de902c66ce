/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <err.h>
#include <semaphore.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "gang.h"

#define PATIENCE_S 120	/* for all others' steps, and at first for their setups */

/** What they share. */
struct board {
	sem_t turn[GANG_MAX];
	struct cost cost[GANG_MAX];
};

static struct {
	struct board *board;
	unsigned int nb, self;
} gang = { .nb = 1 };

static void
become(unsigned int self, pid_t first)
{
	gang.self = self;
	/* Nobody is left over. */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != first)
		exit(EX_OSERR);
}

void
gang_start(unsigned int nb)
{
	pid_t first = getpid();

	gang.nb = nb;
	gang.board = mmap(NULL, sizeof(*gang.board), PROT_READ | PROT_WRITE,
			  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (gang.board == MAP_FAILED)
		err(EX_OSERR, "memory");
	for (unsigned int i = 0; i < nb; i++)
		if (sem_init(&gang.board->turn[i], 1, i == 0) != 0)
			err(EX_OSERR, "a semaphore");
	for (unsigned int i = 1; i < nb; i++) {
		pid_t child = fork();

		if (child < 0)
			err(EX_OSERR, "a process");
		if (child == 0) {
			become(i, first);
			return;
		}
	}
}

unsigned int
gang_size(void)
{
	return gang.nb;
}

bool
gang_is_first(void)
{
	return gang.self == 0;
}

void
gang_begin(void)
{
	struct timespec until;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += PATIENCE_S;
	if (sem_timedwait(&gang.board->turn[gang.self], &until) != 0)
		err(EX_SOFTWARE, "process %u of %u waits for its turn", gang.self + 1, gang.nb);
}

void
gang_end(struct cost *cost)
{
	gang.board->cost[gang.self] = *cost;
	sem_post(&gang.board->turn[(gang.self + 1) % gang.nb]);
	if (!gang_is_first() || gang.nb == 1)
		return;
	gang_begin();
	for (unsigned int i = 1; i < gang.nb; i++) {
		const struct cost *other = &gang.board->cost[i];

		cost->tenant += other->tenant;
		cost->host += other->host;
		cost->frames += other->frames;
	}
	/* It keeps the turn. */
	sem_post(&gang.board->turn[0]);
}

void
gang_finish(void)
{
	int status;

	if (!gang_is_first())
		exit(EX_OK);
	for (unsigned int i = 1; i < gang.nb; i++)
		if (wait(&status) < 0 || !WIFEXITED(status) || WEXITSTATUS(status) != EX_OK)
			errx(EX_SOFTWARE, "a process has not ended well");
}
