/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/* The main thread's loop: signals, time, and the control socket. */

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <sysexits.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include "daemon.h"

#define TICKS_PER_SECOND (1000 / TICK_MS)

/* A bad file leaves everything as it is, and one line. */
static void
reload(struct daemon *daemon)
{
	char error[CONFIG_ERROR_BYTES];
	static struct config wanted; /* large; the main thread's only */
	int rc;

	(void)sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%llu",
			 (unsigned long long)now_ms() * 1000);
	rc = config_load(daemon->config_file, &wanted, error);
	if (rc == 0)
		rc = config_check_change(daemon->config_file, &daemon->config, &wanted, error);
	if (rc < 0) {
		log_line(CONFIG_LOG_ERROR, "%s", error);
	} else if (reload_config(daemon, &wanted) == 0) {
		daemon->config = wanted;
		for (uint16_t i = 0; i < daemon->nb_open; i++)
			watching_set_rules(&daemon->port[i], &wanted.port[i].watch);
		(void)audit_json_open(wanted.audit_log);
		log_set_level(wanted.log_level);
		log_line(CONFIG_LOG_INFO, "%s: read again, policies in force", daemon->config_file);
	}
	(void)sd_notify(0, "READY=1");
}

static void
on_signal(struct daemon *daemon, int signal_fd)
{
	struct signalfd_siginfo info;

	if (read(signal_fd, &info, sizeof(info)) != sizeof(info))
		return;
	if (info.ssi_signo == SIGHUP) {
		reload(daemon);
		return;
	}
	log_line(CONFIG_LOG_INFO, "stopping: %s", strsignal(info.ssi_signo));
	daemon->stopping = true;
}

static void
on_tick(struct daemon *daemon, int timer_fd)
{
	static unsigned int ticks;
	uint64_t expirations;

	if (read(timer_fd, &expirations, sizeof(expirations)) != sizeof(expirations))
		return;
	for (uint16_t i = 0; i < daemon->nb_open; i++)
		if (requests_tick(&daemon->port[i]) < 0) {
			log_line(CONFIG_LOG_ERROR, "%s: the device is gone",
				 daemon->port[i].iov.pci);
			daemon->stopping = true;
			daemon->status = EX_IOERR;
		}
	hold_see(daemon);
	leave_tick(daemon);
	if (++ticks % TICKS_PER_SECOND != 0)
		return;
	control_server_run(daemon->server, now_ms());
	(void)sd_notify(0, "WATCHDOG=1");
}

static int
open_timer(void)
{
	const struct itimerspec every_tick = {
		.it_interval.tv_nsec = TICK_MS * 1000000,
		.it_value.tv_nsec = TICK_MS * 1000000,
	};
	int fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);

	if (fd >= 0)
		(void)timerfd_settime(fd, 0, &every_tick, NULL);
	return fd;
}

/* main() blocked them, so that no other thread takes them. */
static int
open_signals(void)
{
	sigset_t signals;

	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGHUP);
	return signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
}

static void
loop(struct daemon *daemon, struct pollfd fds[3])
{
	while (!daemon->stopping) {
		if (poll(fds, 3, -1) < 0 && errno != EINTR) {
			log_line(CONFIG_LOG_ERROR, "poll: %s", strerror(errno));
			daemon->status = EX_OSERR;
			return;
		}
		if (fds[0].revents != 0)
			on_signal(daemon, fds[0].fd);
		if (fds[1].revents != 0)
			on_tick(daemon, fds[1].fd);
		if (fds[2].revents != 0)
			control_server_run(daemon->server, now_ms());
	}
}

int
server_run(struct daemon *daemon)
{
	struct pollfd fds[3] = {
		{ .fd = open_signals(), .events = POLLIN },
		{ .fd = open_timer(), .events = POLLIN },
		{ .fd = control_server_fd(daemon->server), .events = POLLIN },
	};

	if (fds[0].fd < 0 || fds[1].fd < 0) {
		log_line(CONFIG_LOG_ERROR, "signalfd or timerfd: %s", strerror(errno));
		return EX_OSERR;
	}
	log_line(CONFIG_LOG_INFO, "ready, control socket %s", daemon->config.control_socket);
	hold_say_back(daemon);
	hold_see(daemon);
	(void)sd_notify(0, "READY=1");
	loop(daemon, fds);
	if (daemon->leave == LEAVE_TO_SUCCESSOR)
		leave_to_successor(daemon);
	(void)sd_notify(0, "STOPPING=1");
	close(fds[0].fd);
	close(fds[1].fd);
	return daemon->status;
}
