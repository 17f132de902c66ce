/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <assert.h>
#include <err.h>
#include <semaphore.h>
#include <signal.h>
#include <stdalign.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "gang.h"

#define PATIENCE_S  120	/* for all others' steps, and at first for their setups */
#define NS_A_MS     1000000L
#define NS_A_SECOND 1000000000L

/** What they share. */
struct board {
	sem_t turn[GANG_MAX];
	sem_t here;		/* who has come to a meeting */
	sem_t go[GANG_MAX];	/* who may leave it */
	struct cost cost[GANG_MAX];
	alignas(max_align_t) unsigned char put[GANG_MAX][GANG_BYTES];
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

static void
make(sem_t *semaphore, unsigned int value)
{
	if (sem_init(semaphore, 1, value) != 0)
		err(EX_OSERR, "a semaphore");
}

static void
await(sem_t *semaphore, const char *what)
{
	struct timespec until;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += PATIENCE_S;
	if (sem_timedwait(semaphore, &until) != 0)
		err(EX_SOFTWARE, "process %u of %u waits for %s", gang.self + 1, gang.nb, what);
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
	make(&gang.board->here, 0);
	for (unsigned int i = 0; i < nb; i++) {
		make(&gang.board->turn[i], i == 0);
		make(&gang.board->go[i], 0);
	}
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
gang_meet(void)
{
	if (!gang_is_first()) {
		sem_post(&gang.board->here);
		await(&gang.board->go[gang.self], "the others");
		return;
	}
	for (unsigned int i = 1; i < gang.nb; i++)
		await(&gang.board->here, "the others");
	for (unsigned int i = 1; i < gang.nb; i++)
		sem_post(&gang.board->go[i]);
}

void
gang_put(const void *what, size_t bytes)
{
	assert(bytes <= GANG_BYTES);
	memcpy(gang.board->put[gang.self], what, bytes);
}

const void *
gang_get(unsigned int number)
{
	return gang.board->put[number];
}

bool
gang_turn(unsigned int ms)
{
	struct timespec until;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_nsec += ms * NS_A_MS;
	until.tv_sec += until.tv_nsec / NS_A_SECOND;
	until.tv_nsec %= NS_A_SECOND;
	return sem_timedwait(&gang.board->turn[gang.self], &until) == 0;
}

void
gang_pass(void)
{
	sem_post(&gang.board->turn[(gang.self + 1) % gang.nb]);
}

void
gang_begin(void)
{
	await(&gang.board->turn[gang.self], "its turn");
}

void
gang_end(struct cost *cost)
{
	gang.board->cost[gang.self] = *cost;
	gang_pass();
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
