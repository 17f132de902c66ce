/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "datapath.h"
#include "far.h"
#include "port.h"
#include "wire.h"

#define NS_PER_S	1000000000ull
#define ROUNDS_PER_LOCK 16
#define ROUNDS_MAX	100000	/* of work in a trapped access: frames may go round for ever */
/* It sleeps after so long, and so many rounds of its own, without work. */
#define AWAKE_NS	500000ull
#define AWAKE_ROUNDS	64
#define SLEEP_NS	100000000ull
#define WIRE_SLEEP_NS	500000ull	/* on a wire that cannot tell when it has frames */
#define FAR_SLEEP_NS	200000ull	/* while another process has yet to give doorbells back */

void
thread_kick(struct attach *port)
{
	const uint64_t one = 1;

	if (!port->has_thread || !port->sleeping)
		return;
	port->sleeping = false;
	/* Its only way to fail is a full counter, which wakes as well. */
	if (write(port->kick_fd, &one, sizeof(one)) < 0)
		return;
}

void
thread_run_now(struct attach *port)
{
	far_look(port, false);
	for (unsigned int i = 0; i < ROUNDS_MAX && nic_poll(port->nic, ROUND_BUDGET) != 0; i++) {
		port->counters.rounds++;
		far_look(port, false);
	}
}

/** Until a doorbell, a frame on the wire, or the time at which something is due. */
static void
sleep_until(struct attach *port, uint64_t due_ns)
{
	const struct wire *wire = port->nic->wire;
	int wire_fd = wire == NULL ? -1 : wire->ops->fd((struct wire *)wire);
	struct pollfd fds[] = {
		{ .fd = port->kick_fd, .events = POLLIN },
		{ .fd = wire_fd, .events = POLLIN },
	};
	uint64_t now = nic_now_ns(port->nic), bound = SLEEP_NS, count;
	struct timespec timeout;

	if (wire != NULL && wire_fd < 0)
		bound = WIRE_SLEEP_NS;
	if (port->nb_far != 0 && bound > FAR_SLEEP_NS)
		bound = FAR_SLEEP_NS;
	if (due_ns <= now)
		bound = 0;
	else if (due_ns - now < bound)
		bound = due_ns - now;
	timeout = (struct timespec){ .tv_sec = bound / NS_PER_S, .tv_nsec = bound % NS_PER_S };
	if (ppoll(fds, 2, &timeout, NULL) > 0 && fds[0].revents != 0 &&
	    read(port->kick_fd, &count, sizeof(count)) < 0)
		return;
}

/** Some rounds under the lock. @return frames moved */
static unsigned int
work(struct attach *port)
{
	unsigned int moved = 0, last = 1;

	for (unsigned int i = 0; i < ROUNDS_PER_LOCK && last != 0; i++) {
		doorbells_watch(port, port->counters.rounds % WATCH_ROUNDS == 0);
		last = nic_poll(port->nic, ROUND_BUDGET);
		moved += last;
		port->counters.rounds++;
		if (atomic_load_explicit(&port->waiting, memory_order_relaxed) != 0)
			break;
	}
	return moved;
}

/** Pages turn back first: what rings from now on, traps and wakes. @return may it sleep? */
static bool
fall_asleep(struct attach *port)
{
	pages_turn_back(port, &port->nic->pf);
	far_want_back(port);
	port->sleeping = nic_poll(port->nic, ROUND_BUDGET) == 0 && !port->stop;
	return port->sleeping;
}

/** Time without work. */
struct idleness {
	uint64_t since_ns;
	unsigned int rounds;
};

static bool
idle_for_long(struct idleness *idle, uint64_t now, bool patient)
{
	if (idle->rounds++ == 0)
		idle->since_ns = now;
	return !patient || (idle->rounds >= AWAKE_ROUNDS && now - idle->since_ns >= AWAKE_NS);
}

static void *
thread_main(void *arg)
{
	struct attach *port = arg;
	struct nic *nic = port->nic;
	struct idleness idle = { .rounds = 0 };
	bool stop = false, asleep;
	uint64_t due = 0;

	while (!stop) {
		asleep = false;
		pthread_mutex_lock(&nic->lock);
		if (work(port) != 0 || port->rung)
			idle.rounds = 0;
		else if (idle_for_long(&idle, nic_now_ns(nic), port->doorbell == DOORBELL_POLL) &&
			 !port->awake)
			asleep = fall_asleep(port);
		port->rung = false;
		due = nic_next_event_ns(nic);
		stop = port->stop;
		pthread_mutex_unlock(&nic->lock);
		if (asleep) {
			port->counters.sleeps++;
			sleep_until(port, due);
			pthread_mutex_lock(&nic->lock);
			port->sleeping = false;
			/* It goes on to doze where nobody answers. */
			idle.rounds = port->nb_far != 0 ? AWAKE_ROUNDS : 0;
			pthread_mutex_unlock(&nic->lock);
		} else if (idle.rounds != 0 || atomic_load(&port->waiting) != 0 ||
			   port->nb_far != 0) {
			/* Whoever is to receive may wait for this processor. */
			sched_yield();
		}
	}
	return NULL;
}

int
thread_start(struct attach *port, const cpu_set_t *cpus)
{
	pthread_attr_t attributes;
	sigset_t all, old;
	int rc;

	port->kick_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (port->kick_fd < 0)
		return -errno;
	pthread_attr_init(&attributes);
	if (cpus != NULL)
		pthread_attr_setaffinity_np(&attributes, sizeof(*cpus), cpus);
	/* The process's signals are for its own threads; what this one's accesses raise is not. */
	sigfillset(&all);
	sigdelset(&all, SIGBUS);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	port->has_thread = true;
	rc = pthread_create(&port->thread, &attributes, thread_main, port);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	pthread_attr_destroy(&attributes);
	if (rc != 0) {
		port->has_thread = false;
		close(port->kick_fd);
		return -rc;
	}
	pthread_setname_np(port->thread, "sluice-model");
	return 0;
}

void
thread_stop(struct attach *port)
{
	if (!port->has_thread)
		return;
	port_lock(port);
	port->stop = true;
	thread_kick(port);
	port_unlock(port);
	pthread_join(port->thread, NULL);
	port->has_thread = false;
	close(port->kick_fd);
}
