/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <errno.h>
#include <fcntl.h>
#include <linux/vfio.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "far.h"
#include "guard.h"
#include "message.h"
#include "pci_function.h"
#include "port.h"
#include "session.h"
#include "slot.h"

struct session {
	struct served_port *port;
	int sock;
	bool open;		/**< has a function: */
	bool *taken;
	struct pci_function pci;
	struct slot *slot;
	int slot_fd;
	struct far *far;	/**< NULL: all its pages trap */
	int far_fd;
	pthread_t thread;
	atomic_bool stop;
};

/* --- Register accesses --- */

/** With plain pages loads and doorbells are done as they are: the rest is after what is in them. */
static bool
must_give_back(struct attach *port, struct function *fn, const struct access *access)
{
	struct far *far = port_software(port, fn)->far;

	if (far == NULL)
		return false;
	if (access->all_trap)
		far_turned_back(far);
	else
		far_look_at(far);
	return access->is_store && !doorbell_is(port, fn, access->offset) && far_has_plain(far);
}

static void
do_access(struct attach *port, struct function *fn, struct access *access)
{
	struct far *far = port_software(port, fn)->far;

	port->counters.traps++;
	port_software(port, fn)->accesses++;
	port_software(port, fn)->doorbells += access->is_store &&
					      doorbell_is(port, fn, access->offset);
	access->answer = ACCESS_DONE;
	if (must_give_back(port, fn, access))
		access->answer = ACCESS_GIVE_BACK;
	else if (access->is_store)
		port_store(port, fn, access->offset, access->bytes, access->value);
	else
		access->value = port_load(port, fn, access->offset, access->bytes);
	if (access->answer == ACCESS_DONE && far != NULL && far_is_plain(far, access->offset))
		access->answer = ACCESS_DONE_PLAIN;
}

static void
serve_access(struct attach *port, struct function *fn, struct access *access)
{
	/* What the other process wrote may be anything. */
	if (access->bytes == 0 || access->bytes > sizeof(access->value) ||
	    access->offset >= fn->bar_bytes || access->bytes > fn->bar_bytes - access->offset) {
		access->value = UINT64_MAX;
		access->answer = ACCESS_DONE;
		return;
	}
	port_lock(port);
	do_access(port, fn, access);
	port_unlock(port);
}

static void *
serve_accesses(void *arg)
{
	struct session *session = arg;
	struct attach *port = session->port->attach;
	struct function *fn = nic_function(attach_nic(port), session->pci.vf);
	struct access access;

	while (slot_next(session->slot, &access, &session->stop)) {
		serve_access(port, fn, &access);
		slot_answer(session->slot, &access);
	}
	return NULL;
}

static int
start_thread(struct session *session)
{
	sigset_t all, old;
	int rc;

	/* What an access of the thread's own raises, is for it (guard.h). */
	sigfillset(&all);
	sigdelset(&all, SIGBUS);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	rc = pthread_create(&session->thread, NULL, serve_accesses, session);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	return -rc;
}

/* --- Coming and going --- */

static bool *
taken_flag(struct served_port *port, int vf)
{
	const struct nic *nic = attach_nic(port->attach);

	if (vf == PF_INDEX)
		return &port->pf_taken;
	return vf >= 0 && (unsigned int)vf < nic->nb_vfs ? &port->vf_taken[vf] : NULL;
}

static int
open_doorbells(struct session *session, enum doorbell_mode doorbell)
{
	struct attach *port = session->port->attach;
	struct function *fn = nic_function(attach_nic(port), session->pci.vf);
	int rc = 0;

	session->far_fd = -1;
	if (doorbell == DOORBELL_POLL)
		rc = far_create(port, fn, session->slot, &session->far_fd);
	port_lock(port);
	port_software(port, fn)->doorbell = doorbell;
	session->far = port_software(port, fn)->far;
	port_unlock(port);
	return rc;
}

static void
close_doorbells(struct session *session)
{
	far_free(session->far);
	if (session->far_fd >= 0)
		close(session->far_fd);
}

static int
open_function(struct session *session, int vf, enum doorbell_mode doorbell)
{
	int rc = pci_function_serve(&session->pci, session->port->attach, vf);

	if (rc != 0)
		goto close_function;
	session->slot = slot_create(&session->slot_fd);
	if (session->slot == NULL) {
		rc = -errno;
		goto close_function;
	}
	rc = open_doorbells(session, doorbell);
	if (rc == 0)
		rc = start_thread(session);
	if (rc == 0)
		return 0;

	close_doorbells(session);
	slot_unmap(session->slot);
	close(session->slot_fd);
close_function:
	pci_function_close(&session->pci);
	return rc;
}

static int
on_hello(struct session *session, struct message *message, struct message_fds *answer_fds)
{
	const int vf = message->hello.vf;
	bool *taken = taken_flag(session->port, vf);
	int rc;

	if (message->hello.version != MESSAGE_VERSION || session->open)
		return -EPROTO;
	if (taken == NULL)
		return -ENODEV;
	if (*taken)
		return -EBUSY;
	rc = open_function(session, vf, message->hello.doorbell == DOORBELL_TRAP ? DOORBELL_TRAP :
										  DOORBELL_POLL);
	if (rc != 0)
		return rc;
	*taken = true;
	session->taken = taken;
	session->open = true;
	memset(&message->function, 0, sizeof(message->function));
	snprintf(message->function.family, sizeof(message->function.family), "%s",
		 session->pci.family->name);
	message->function.nb_vfs = session->pci.nb_vfs;
	answer_fds->fd[0] = session->pci.fd;
	answer_fds->fd[1] = session->slot_fd;
	answer_fds->fd[2] = session->far_fd;
	answer_fds->nb = session->far == NULL ? 2 : 3;
	return 0;
}

static void
unmap_memory(void *host, uint64_t bytes)
{
	guard_remove(host, bytes);
	munmap(host, bytes);
}

static void
close_session(struct session *session)
{
	atomic_store(&session->stop, true);
	slot_close(session->slot);
	pthread_join(session->thread, NULL);
	close_doorbells(session);
	/* Only then is nothing done to its memory any more. */
	session->pci.ops->reset(&session->pci);
	pci_function_unmap(&session->pci, 0, UINT64_MAX, unmap_memory);
	pci_function_close(&session->pci);
	slot_unmap(session->slot);
	close(session->slot_fd);
	*session->taken = false;
}

struct session *
session_create(struct served_port *port, int sock)
{
	struct session *session = calloc(1, sizeof(*session));

	if (session == NULL) {
		close(sock);
		return NULL;
	}
	session->port = port;
	session->sock = sock;
	return session;
}

void
session_free(struct session *session)
{
	if (session->open)
		close_session(session);
	close(session->sock);
	free(session);
}

/* --- Requests --- */

static int
on_bus_master(struct session *session, const struct message *message,
	      const struct message_fds *fds)
{
	(void)fds;
	session->pci.ops->set_bus_master(&session->pci, message->bus_master.on != 0);
	return 0;
}

static int
on_reset(struct session *session, const struct message *message, const struct message_fds *fds)
{
	(void)message;
	(void)fds;
	session->pci.ops->reset(&session->pci);
	return 0;
}

static int
on_irqs(struct session *session, const struct message *message, const struct message_fds *fds)
{
	char memory[sizeof(struct vfio_irq_set) + NIC_VECTORS_MAX * sizeof(int32_t)]
		__attribute__((aligned(8)));
	struct vfio_irq_set *set = (struct vfio_irq_set *)memory;
	unsigned int nb = 0;

	if (message->irqs.count > NIC_VECTORS_MAX)
		return -EINVAL;
	*set = (struct vfio_irq_set){
		.argsz = sizeof(memory),
		.flags = message->irqs.flags,
		.index = message->irqs.index,
		.start = message->irqs.start,
		.count = message->irqs.count,
	};
	for (unsigned int i = 0; i < set->count; i++) {
		bool given = message->irqs.given >> i & 1;
		int32_t fd = given && nb < fds->nb ? fds->fd[nb++] : -1;

		memcpy(&set->data[i * sizeof(fd)], &fd, sizeof(fd));
	}
	return (int)pci_function_set_irqs(&session->pci, set);
}

static int
on_config(struct session *session, const struct message *message, const struct message_fds *fds)
{
	(void)fds;
	if (message->config.bytes > MESSAGE_CONFIG_BYTES)
		return -EINVAL;
	return pci_function_write_config(&session->pci, message->config.data,
					 message->config.bytes, message->config.at);
}

static bool
is_in_file(int fd, uint64_t offset, uint64_t bytes)
{
	struct stat status;

	/* Beyond its end a mapping is no memory: using it would end this process. */
	return fstat(fd, &status) == 0 && bytes != 0 && offset <= (uint64_t)status.st_size &&
	       bytes <= (uint64_t)status.st_size - offset;
}

static int
on_map(struct session *session, const struct message *message, const struct message_fds *fds)
{
	const uint64_t offset = message->memory.offset, bytes = message->memory.bytes;
	void *host;
	int rc;

	if (fds->nb != 1)
		return -EINVAL;
	/* Most files cannot be sealed, DPDK's among them; guard.h is for those. */
	(void)fcntl(fds->fd[0], F_ADD_SEALS, F_SEAL_SHRINK);
	if (!is_in_file(fds->fd[0], offset, bytes))
		return -EINVAL;
	host = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fds->fd[0], offset);
	if (host == MAP_FAILED)
		return -errno;
	port_lock(session->port->attach);
	rc = guard_add(host, bytes, session->pci.vf);
	port_unlock(session->port->attach);
	if (rc == 0)
		rc = pci_function_map(&session->pci, message->memory.iova, bytes, host);
	if (rc != 0) {
		port_lock(session->port->attach);
		unmap_memory(host, bytes);
		port_unlock(session->port->attach);
	}
	return rc;
}

static int
on_unmap(struct session *session, const struct message *message, const struct message_fds *fds)
{
	(void)fds;
	return pci_function_unmap(&session->pci, message->memory.iova, message->memory.bytes,
				  unmap_memory);
}

/** Whoever has a VF that is gone keeps the connection, and gets nothing more out of it. */
static int
on_vfs(struct session *session, const struct message *message)
{
	struct attach *port = session->port->attach;
	int rc = 0;

	if (session->open)
		return -EPROTO;
	port_lock(port);
	if (message->vfs.nb > attach_nic(port)->family->max_vfs)
		rc = -ERANGE;
	else
		nic_set_vfs(attach_nic(port), message->vfs.nb);
	port_unlock(port);
	return rc;
}

/** What software did in its doorbell pages, it did before this. */
static void
take_doorbells(struct session *session)
{
	if (session->far == NULL)
		return;
	port_lock(session->port->attach);
	far_turned_back(session->far);
	port_unlock(session->port->attach);
}

static int
answer(struct session *session, struct message *message, const struct message_fds *fds,
       struct message_fds *answer_fds)
{
	static int (*const handlers[])(struct session *, const struct message *,
				       const struct message_fds *) = {
		[MESSAGE_BUS_MASTER] = on_bus_master,
		[MESSAGE_RESET] = on_reset,
		[MESSAGE_IRQS] = on_irqs,
		[MESSAGE_CONFIG] = on_config,
		[MESSAGE_MAP] = on_map,
		[MESSAGE_UNMAP] = on_unmap,
	};

	if (message->kind == MESSAGE_HELLO)
		return on_hello(session, message, answer_fds);
	if (message->kind == MESSAGE_VFS)
		return on_vfs(session, message);
	if (!session->open || message->kind >= sizeof(handlers) / sizeof(handlers[0]))
		return -EPROTO;
	if (message->kind != MESSAGE_MAP && message->kind != MESSAGE_UNMAP)
		take_doorbells(session);
	return handlers[message->kind](session, message, fds);
}

int
session_serve(struct session *session)
{
	struct message_fds fds, answer_fds = { .nb = 0 };
	struct message message;
	int rc = message_receive(session->sock, &message, &fds);

	if (rc != 0)
		return rc;
	message.rc = answer(session, &message, &fds, &answer_fds);
	message_close_fds(&fds);
	return message_send(session->sock, &message, &answer_fds);
}

int
session_socket(const struct session *session)
{
	return session->sock;
}
