/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * Sleeping, in an epoll instance of our own.
 *
 * Descriptors are edge-triggered: each interrupt adds to its eventfd, which is an edge, so nobody
 * needs to read it. Waking up is one system call thus, where rte_epoll_wait() makes two.
 */
#include <errno.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#include "own.h"
#include "tail.h"

#define MEASURES     24
#define MEASURE_NS   100000
#define NS_PER_MS    1000000
#define EVENTS_MAX   (HYBRID_QUEUES_MAX + 1)

static uint64_t
read_clock(clockid_t id)
{
	struct timespec now;

	clock_gettime(id, &now);
	return (uint64_t)now.tv_sec * AIC_NS_PER_S + now.tv_nsec;
}

uint64_t
clock_ns(void)
{
	return read_clock(CLOCK_MONOTONIC);
}

int
sleeper_add(struct sleeper *sleeper, int fd)
{
	struct epoll_event event = { .events = EPOLLIN | EPOLLET, .data.fd = fd };

	/* Queues with one vector share a descriptor. */
	if (epoll_ctl(sleeper->epoll_fd, EPOLL_CTL_ADD, fd, &event) == 0 || errno == EEXIST)
		return 0;
	return -errno;
}

int
sleeper_open(struct sleeper *sleeper)
{
	int rc;

	sleeper->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (sleeper->epoll_fd < 0)
		return -errno;
	sleeper->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	rc = sleeper->wake_fd < 0 ? -errno : sleeper_add(sleeper, sleeper->wake_fd);
	if (rc == 0)
		return 0;
	sleeper_close(sleeper);
	return rc;
}

void
sleeper_close(struct sleeper *sleeper)
{
	if (sleeper->wake_fd >= 0)
		close(sleeper->wake_fd);
	close(sleeper->epoll_fd);
}

void
sleeper_wake(const struct sleeper *sleeper)
{
	/* A counter that is full has its edge pending. */
	if (eventfd_write(sleeper->wake_fd, 1) < 0)
		return;
}

/* Kernels before 5.11 know milliseconds only. */
static int
wait_for(int epoll_fd, struct epoll_event *events, uint64_t ns)
{
	struct timespec timeout = { .tv_sec = ns / AIC_NS_PER_S, .tv_nsec = ns % AIC_NS_PER_S };
	int nb = epoll_pwait2(epoll_fd, events, EVENTS_MAX, &timeout, NULL);

	if (nb < 0 && errno == ENOSYS)
		nb = epoll_wait(epoll_fd, events, EVENTS_MAX, (ns + NS_PER_MS - 1) / NS_PER_MS);
	return nb;
}

int
sleeper_sleep(const struct sleeper *sleeper, uint64_t ns, int *fds)
{
	struct epoll_event events[EVENTS_MAX];
	int nb = wait_for(sleeper->epoll_fd, events, ns);
	int nb_fds = 0;

	for (int i = 0; i < nb && nb_fds < HYBRID_QUEUES_MAX; i++)
		fds[nb_fds++] = events[i].data.fd;
	return nb_fds;
}

void
sleeper_measure(const struct sleeper *sleeper, uint64_t *cost_ns, uint64_t *tail_ns)
{
	uint64_t before_ns = read_clock(CLOCK_THREAD_CPUTIME_ID);
	uint64_t latest_ns = 0, second_ns = 0;
	int fds[HYBRID_QUEUES_MAX];

	for (unsigned int i = 0; i < MEASURES; i++) {
		uint64_t begun_ns = clock_ns(), late_ns;

		sleeper_sleep(sleeper, MEASURE_NS, fds);
		late_ns = clock_ns() - begun_ns;
		late_ns -= late_ns < MEASURE_NS ? late_ns : MEASURE_NS;
		if (late_ns > latest_ns) {
			second_ns = latest_ns;
			latest_ns = late_ns;
		} else if (late_ns > second_ns) {
			second_ns = late_ns;
		}
	}
	*cost_ns = (read_clock(CLOCK_THREAD_CPUTIME_ID) - before_ns) / MEASURES;
	/* The latest of so few is often a stolen processor. */
	*tail_ns = second_ns < TAIL_MAX_NS ? second_ns : TAIL_MAX_NS;
}

int
slack_least(int *thread)
{
	int slack = prctl(PR_GET_TIMERSLACK, 0, 0, 0, 0);

	*thread = gettid();
	prctl(PR_SET_TIMERSLACK, 1, 0, 0, 0);
	return slack;
}

void
slack_restore(int slack, int thread)
{
	if (slack > 0 && thread == gettid())
		prctl(PR_SET_TIMERSLACK, slack, 0, 0, 0);
}
