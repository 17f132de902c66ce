/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "guard.h"
#include "port.h"
#include "server.h"
#include "session.h"

#define SESSIONS_MAX (NIC_VFS_MAX + 16)	/* some that have no function yet */
#define LOOK_MS	     200		/* for functions that did what they must not */

enum { FD_SIGNAL, FD_LISTENER, FD_GUARD, FD_FIRST_SESSION };

struct server {
	struct served_port port;
	int signal_fd, listener, guard_fd;
	struct session *session[SESSIONS_MAX];
	unsigned int nb_sessions;
	bool pf_stopped, vf_stopped[NIC_VFS_MAX];
};

static int
open_address(const char *path, struct sockaddr_un *address)
{
	*address = (struct sockaddr_un){ .sun_family = AF_UNIX };
	if (strlen(path) >= sizeof(address->sun_path))
		return -ENAMETOOLONG;
	strcpy(address->sun_path, path);
	return socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
}

/** Remove what a server left behind, and nothing else. */
static int
make_room(const char *path)
{
	struct sockaddr_un address;
	struct stat status;
	int sock, rc = 0;

	if (lstat(path, &status) < 0)
		return 0;
	if (!S_ISSOCK(status.st_mode))
		return -EEXIST;
	sock = open_address(path, &address);
	if (sock < 0)
		return -errno;
	if (connect(sock, (struct sockaddr *)&address, sizeof(address)) == 0)
		rc = -EADDRINUSE;
	else if (errno == ECONNREFUSED)
		unlink(path);
	close(sock);
	return rc;
}

int
server_listen(const char *path)
{
	struct sockaddr_un address;
	int sock, rc = make_room(path);

	if (rc != 0)
		return rc;
	sock = open_address(path, &address);
	if (sock < 0)
		return sock == -1 ? -errno : sock;
	if (bind(sock, (struct sockaddr *)&address, sizeof(address)) < 0 ||
	    listen(sock, SESSIONS_MAX) < 0) {
		rc = -errno;
		close(sock);
		return rc;
	}
	return sock;
}

static void
accept_sessions(struct server *server)
{
	while (server->nb_sessions < SESSIONS_MAX) {
		/* Who does not take its answers keeps nobody waiting: that connection is over. */
		int sock = accept4(server->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
		struct session *session;

		if (sock < 0)
			break;
		session = session_create(&server->port, sock);
		if (session != NULL)
			server->session[server->nb_sessions++] = session;
	}
}

/** Those that are over, first: what they had may be what another one asks for in this round. */
static void
free_ended(struct server *server, struct pollfd *fds)
{
	for (unsigned int i = server->nb_sessions; i-- > 0;) {
		if (!(fds[FD_FIRST_SESSION + i].revents & (POLLHUP | POLLERR | POLLNVAL)))
			continue;
		session_free(server->session[i]);
		server->session[i] = server->session[--server->nb_sessions];
		fds[FD_FIRST_SESSION + i] = fds[FD_FIRST_SESSION + server->nb_sessions];
	}
}

static void
serve(struct server *server, const struct pollfd *fds)
{
	/* From the end, as the last one takes the place of one that goes. */
	for (unsigned int i = server->nb_sessions; i-- > 0;) {
		if (!(fds[FD_FIRST_SESSION + i].revents & POLLIN) ||
		    session_serve(server->session[i]) == 0)
			continue;
		session_free(server->session[i]);
		server->session[i] = server->session[--server->nb_sessions];
	}
}

/** Who has taken away memory that the port was using, has a fault of the IOMMU. */
static void
stop_faulted(struct attach *port)
{
	int vf;

	port_lock(port);
	while ((vf = guard_next_gone()) != GUARD_NONE) {
		struct function *fn = nic_function(attach_nic(port), vf);

		fn->dma_faults++;
		fn->stopped = true;
	}
	port_unlock(port);
}

static const char *
name_of(const struct function *fn)
{
	static char name[16];

	snprintf(name, sizeof(name), fn->vf == PF_INDEX ? "PF" : "VF %d", fn->vf);
	return name;
}

static void
say_stopped(const struct function *fn, bool *known)
{
	if (fn->stopped && !*known)
		fprintf(stderr, "sluice-model: %s: access to memory that it does not have; stopped "
			"until its reset\n", name_of(fn));
	*known = fn->stopped;
}

static void
look_for_stopped(struct server *server)
{
	struct nic *nic = attach_nic(server->port.attach);

	/* Pages may stay plain. */
	port_lock(server->port.attach);
	say_stopped(&nic->pf, &server->pf_stopped);
	for (unsigned int vf = 0; vf < nic->nb_vfs; vf++)
		say_stopped(&nic->vf[vf], &server->vf_stopped[vf]);
	port_unlock(server->port.attach);
}

static void
say_accesses(struct attach *port)
{
	struct nic *nic = attach_nic(port);

	port_lock(port);
	for (int vf = PF_INDEX; vf < (int)nic->nb_vfs; vf++) {
		const struct function *fn = nic_function(nic, vf);

		fprintf(stderr, "sluice-model: %s: %" PRIu64 " register accesses, %" PRIu64
			" of them doorbells\n", name_of(fn), port_software(port, fn)->accesses,
			port_software(port, fn)->doorbells);
	}
	fprintf(stderr, "sluice-model: that is all\n");
	port_unlock(port);
}

/** @return whether to stop */
static bool
obey_signal(struct server *server)
{
	struct signalfd_siginfo info;

	if (read(server->signal_fd, &info, sizeof(info)) != sizeof(info))
		return false;
	if (info.ssi_signo != SIGUSR1)
		return true;
	say_accesses(server->port.attach);
	return false;
}

static int
serve_round(struct server *server, bool *stop)
{
	struct pollfd fds[FD_FIRST_SESSION + SESSIONS_MAX] = {
		[FD_SIGNAL] = { .fd = server->signal_fd, .events = POLLIN },
		[FD_LISTENER] = { .fd = server->listener, .events = POLLIN },
		[FD_GUARD] = { .fd = server->guard_fd, .events = POLLIN },
	};

	for (unsigned int i = 0; i < server->nb_sessions; i++)
		fds[FD_FIRST_SESSION + i] = (struct pollfd){
			.fd = session_socket(server->session[i]),
			.events = POLLIN,
		};
	if (server->nb_sessions == SESSIONS_MAX)
		fds[FD_LISTENER].fd = -1;
	if (poll(fds, FD_FIRST_SESSION + server->nb_sessions,
		 server->nb_sessions == 0 ? -1 : LOOK_MS) < 0)
		return errno == EINTR ? 0 : -errno;
	*stop = fds[FD_SIGNAL].revents != 0 && obey_signal(server);
	if (fds[FD_GUARD].revents != 0)
		stop_faulted(server->port.attach);
	free_ended(server, fds);
	serve(server, fds);
	if (fds[FD_LISTENER].revents != 0)
		accept_sessions(server);
	look_for_stopped(server);
	return 0;
}

int
server_run(struct attach *port, int listener, int signal_fd)
{
	struct server server = {
		.port.attach = port,
		.listener = listener,
		.signal_fd = signal_fd,
	};
	bool stop = false;
	int rc = 0;

	server.guard_fd = guard_install();
	if (server.guard_fd < 0)
		return server.guard_fd;
	while (rc == 0 && !stop)
		rc = serve_round(&server, &stop);
	while (server.nb_sessions > 0)
		session_free(server.session[--server.nb_sessions]);
	close(server.guard_fd);
	return rc;
}
