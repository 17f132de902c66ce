/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <errno.h>
#include <linux/vfio.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "fd_trap.h"
#include "message.h"
#include "remote.h"
#include "slot.h"
#include "trap.h"

#define PAGE_BYTES 4096

struct remote {
	int sock;
	pthread_mutex_t lock;	/**< one request at a time */
	pthread_mutex_t slot_lock;	/**< one access at a time */
	struct slot *slot;
	struct trap_region *region;
	struct remote_counters counters;

	/* Doorbell pages; under slot_lock. */
	int doorbell_fd;	/**< -1: all pages trap for good */
	bool *is_plain;		/**< by page */
	unsigned int nb_plain;

	/* Gives them back when the port wants them. */
	bool has_thread;
	pthread_t thread;
	atomic_bool stop;
};

/* --- Doorbell pages --- */

static size_t
bar_bytes(const struct pci_function *pci)
{
	return pci->vf == PF_INDEX ? pci->family->pf_bar_bytes : pci->family->vf_bar_bytes;
}

/** Under slot_lock. When mprotect() returns no processor has a right to the page any more. */
static void
give_back(struct pci_function *pci)
{
	struct remote *remote = pci->remote;

	for (size_t i = 0; remote->nb_plain > 0; i++) {
		if (!remote->is_plain[i])
			continue;
		mprotect((uint8_t *)pci->bar + i * PAGE_BYTES, PAGE_BYTES, PROT_NONE);
		remote->is_plain[i] = false;
		remote->nb_plain--;
	}
}

static void
give_back_locked(struct pci_function *pci)
{
	pthread_mutex_lock(&pci->remote->slot_lock);
	give_back(pci);
	pthread_mutex_unlock(&pci->remote->slot_lock);
}

/** Under slot_lock. */
static void
turn_plain(struct pci_function *pci, size_t page)
{
	struct remote *remote = pci->remote;

	if (remote->doorbell_fd < 0 || remote->is_plain[page] ||
	    mprotect((uint8_t *)pci->bar + page * PAGE_BYTES, PAGE_BYTES,
		     PROT_READ | PROT_WRITE) < 0)
		return;
	remote->is_plain[page] = true;
	remote->nb_plain++;
	remote->counters.plain_turns++;
}

static void *
give_back_when_wanted(void *arg)
{
	struct pci_function *pci = arg;
	struct remote *remote = pci->remote;
	uint32_t wanted = 0;

	while (slot_wait_wanted(remote->slot, &wanted, remote->sock, &remote->stop)) {
		pthread_mutex_lock(&remote->slot_lock);
		give_back(pci);
		slot_give_back(remote->slot, wanted);
		pthread_mutex_unlock(&remote->slot_lock);
	}
	/* The port may be gone: what traps reads as ones. */
	give_back_locked(pci);
	return NULL;
}

static int
start_thread(struct pci_function *pci)
{
	struct remote *remote = pci->remote;
	sigset_t all, old;
	int rc;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	rc = pthread_create(&remote->thread, NULL, give_back_when_wanted, pci);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	remote->has_thread = rc == 0;
	return -rc;
}

/* --- Requests --- */

/** The answer takes the message's place. @return its rc, or -errno */
static int
ask(struct remote *remote, struct message *message, const struct message_fds *fds,
    struct message_fds *answer_fds)
{
	struct message_fds unwanted = { .nb = 0 };
	uint32_t kind = message->kind;
	int rc;

	pthread_mutex_lock(&remote->lock);
	remote->counters.requests++;
	rc = message_send(remote->sock, message, fds);
	if (rc == 0)
		rc = message_receive(remote->sock, message,
				     answer_fds == NULL ? &unwanted : answer_fds);
	pthread_mutex_unlock(&remote->lock);
	message_close_fds(&unwanted);
	if (rc == 0 && message->kind != kind)
		rc = -EPROTO;
	return rc == 0 ? message->rc : rc;
}

/** ... when all that was done in plain pages has been done. */
static int
ask_in_order(struct pci_function *pci, struct message *message, const struct message_fds *fds)
{
	give_back_locked(pci);
	return ask(pci->remote, message, fds, NULL);
}

static void
set_bus_master(struct pci_function *pci, bool on)
{
	struct message message = { .kind = MESSAGE_BUS_MASTER, .bus_master.on = on };

	(void)ask_in_order(pci, &message, NULL);
}

static void
reset(struct pci_function *pci)
{
	struct message message = { .kind = MESSAGE_RESET };

	(void)ask_in_order(pci, &message, NULL);
}

static int
map(struct pci_function *pci, const struct pci_memory *memory)
{
	struct message message = {
		.kind = MESSAGE_MAP,
		.memory = {
			.iova = memory->iova,
			.bytes = memory->bytes,
			.offset = memory->fd_offset,
		},
	};
	struct message_fds fds = { .fd = { memory->fd }, .nb = 1 };

	/* Memory that is in no file cannot be shared. */
	return memory->fd < 0 ? -ENOTSUP : ask(pci->remote, &message, &fds, NULL);
}

static int
unmap(struct pci_function *pci, uint64_t iova, uint64_t bytes)
{
	struct message message = {
		.kind = MESSAGE_UNMAP,
		.memory = { .iova = iova, .bytes = bytes },
	};

	return ask(pci->remote, &message, NULL, NULL);
}

static long
on_set_irqs(void *ctx, const struct vfio_irq_set *set)
{
	const bool has_fds = set->flags & VFIO_IRQ_SET_DATA_EVENTFD;
	struct pci_function *pci = ctx;
	struct message message = {
		.kind = MESSAGE_IRQS,
		.irqs = {
			.index = set->index,
			.flags = set->flags,
			.start = set->start,
			.count = set->count,
		},
	};
	struct message_fds fds = { .nb = 0 };

	if (set->count > MESSAGE_FDS_MAX)
		return -EINVAL;
	for (unsigned int i = 0; has_fds && i < set->count; i++) {
		int32_t fd;

		memcpy(&fd, &set->data[i * sizeof(fd)], sizeof(fd));
		if (fd < 0)
			continue;
		message.irqs.given |= 1ull << i;
		fds.fd[fds.nb++] = fd;
	}
	return ask_in_order(pci, &message, &fds);
}

static long
on_pwrite(void *ctx, const void *data, size_t bytes, uint64_t offset)
{
	struct pci_function *pci = ctx;
	struct message message = { .kind = MESSAGE_CONFIG };
	int rc;

	if (offset < PCI_FUNCTION_CONFIG_AT || bytes > MESSAGE_CONFIG_BYTES)
		return -EINVAL;
	message.config.at = offset - PCI_FUNCTION_CONFIG_AT;
	message.config.bytes = bytes;
	memcpy(message.config.data, data, bytes);
	rc = ask_in_order(pci, &message, NULL);
	return rc == 0 ? (long)bytes : rc;
}

/* --- Registers --- */

/** Under slot_lock. */
static uint64_t
access_register(struct pci_function *pci, struct access *access)
{
	struct remote *remote = pci->remote;

	do {
		if (access->answer == ACCESS_GIVE_BACK)
			give_back(pci);
		access->all_trap = remote->nb_plain == 0;
		remote->counters.accesses++;
		if (!slot_ask(remote->slot, access, remote->sock)) {
			give_back(pci);
			return UINT64_MAX;
		}
	} while (access->answer == ACCESS_GIVE_BACK);
	if (access->answer == ACCESS_DONE_PLAIN)
		turn_plain(pci, access->offset / PAGE_BYTES);
	return access->value;
}

static uint64_t
on_load(void *ctx, uintptr_t offset, unsigned int bytes)
{
	struct access access = { .offset = offset, .bytes = bytes };

	return access_register(ctx, &access);
}

static void
on_store(void *ctx, uintptr_t offset, unsigned int bytes, uint64_t value)
{
	struct access access = {
		.offset = offset,
		.bytes = bytes,
		.is_store = true,
		.value = value,
	};

	(void)access_register(ctx, &access);
}

static void
on_access(void *ctx, size_t offset, const struct insn *insn, mcontext_t *context)
{
	const struct insn_memory memory = { .load = on_load, .store = on_store, .ctx = ctx };
	struct pci_function *pci = ctx;

	pthread_mutex_lock(&pci->remote->slot_lock);
	/* Another thread may have turned it plain: it is tried again. */
	if (!pci->remote->is_plain[offset / PAGE_BYTES])
		insn_execute(insn, offset, &memory, context);
	pthread_mutex_unlock(&pci->remote->slot_lock);
}

/* --- Life --- */

static int
connect_to(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int sock, rc;

	if (strlen(path) >= sizeof(address.sun_path))
		return -ENAMETOOLONG;
	strcpy(address.sun_path, path);
	sock = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	if (sock < 0)
		return -errno;
	if (connect(sock, (struct sockaddr *)&address, sizeof(address)) < 0) {
		rc = -errno;
		close(sock);
		return rc;
	}
	return sock;
}

/** Takes the configuration space and the slot from the answer. */
static int
take_function(struct pci_function *pci, const struct message *answer, struct message_fds *fds)
{
	char name[MESSAGE_FAMILY_BYTES];
	int rc = -EPROTO;

	memcpy(name, answer->function.family, sizeof(name));
	name[sizeof(name) - 1] = '\0';
	pci->family = nic_family_find(name);
	pci->nb_vfs = answer->function.nb_vfs;
	if ((fds->nb == 2 || fds->nb == 3) && pci->family != NULL) {
		pci->remote->slot = slot_map(fds->fd[1]);
		rc = pci->remote->slot == NULL ? -errno : 0;
		close(fds->fd[1]);
		pci->fd = fds->fd[0];
		pci->remote->doorbell_fd = fds->nb == 3 ? fds->fd[2] : -1;
		fds->nb = 0;
	}
	message_close_fds(fds);
	return rc == 0 ? pci_function_map_config(pci) : rc;
}

static int
say_hello(struct pci_function *pci, enum doorbell_mode doorbell)
{
	struct message message = {
		.kind = MESSAGE_HELLO,
		.hello = { .version = MESSAGE_VERSION, .vf = pci->vf, .doorbell = doorbell },
	};
	struct message_fds fds = { .nb = 0 };
	int rc = ask(pci->remote, &message, NULL, &fds);

	if (rc == 0)
		return take_function(pci, &message, &fds);
	message_close_fds(&fds);
	return rc;
}

static int
trap_bar(struct pci_function *pci)
{
	static const struct trap_ops ops = { .access = on_access };
	const int fd = pci->remote->doorbell_fd;
	const int flags = fd < 0 ? MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE : MAP_SHARED;
	void *bar = mmap(NULL, bar_bytes(pci), PROT_NONE, flags, fd, 0);

	pci->remote->is_plain = calloc(bar_bytes(pci) / PAGE_BYTES, sizeof(bool));
	if (pci->remote->is_plain == NULL)
		return -ENOMEM;
	if (bar == MAP_FAILED)
		return -errno;
	pci->bar = bar;
	pci->remote->region = trap_region_add(bar, bar_bytes(pci), &ops, pci);
	return pci->remote->region == NULL ? -errno : 0;
}

static void
close_function(struct pci_function *pci)
{
	struct remote *remote = pci->remote;

	if (remote->has_thread) {
		slot_end_waiting(remote->slot, &remote->stop);
		pthread_join(remote->thread, NULL);
	}
	trap_region_remove(remote->region);
	if (pci->bar != NULL)
		munmap(pci->bar, bar_bytes(pci));
	pci_function_release(pci);
	slot_unmap(remote->slot);
	free(remote->is_plain);
	if (remote->doorbell_fd >= 0)
		close(remote->doorbell_fd);
	/* Its end is what resets the function. */
	if (remote->sock >= 0)
		close(remote->sock);
	pthread_mutex_destroy(&remote->lock);
	pthread_mutex_destroy(&remote->slot_lock);
	free(remote);
	pci->remote = NULL;
}

const struct remote_counters *
remote_counters(const struct pci_function *pci)
{
	return &pci->remote->counters;
}

int
remote_open(struct pci_function *pci, const char *path, int vf, enum doorbell_mode doorbell)
{
	static const struct pci_function_ops ops = {
		.set_bus_master = set_bus_master,
		.reset = reset,
		.map = map,
		.unmap = unmap,
		.close = close_function,
		.by_file = true,
	};
	static const struct fd_trap_ops fd_ops = { .set_irqs = on_set_irqs, .pwrite = on_pwrite };
	struct remote *remote = calloc(1, sizeof(*remote));
	int rc;

	*pci = (struct pci_function){ .vf = vf, .fd = -1 };
	if (remote == NULL)
		return -ENOMEM;
	pthread_mutex_init(&remote->lock, NULL);
	pthread_mutex_init(&remote->slot_lock, NULL);
	pci->ops = &ops;
	pci->remote = remote;
	remote->doorbell_fd = -1;
	remote->sock = connect_to(path);
	rc = remote->sock < 0 ? remote->sock : say_hello(pci, doorbell);
	if (rc == 0)
		rc = pci_function_map_table(pci);
	if (rc == 0)
		rc = trap_bar(pci);
	if (rc == 0 && remote->doorbell_fd >= 0)
		rc = start_thread(pci);
	return rc == 0 ? pci_function_trap_fd(pci, &fd_ops) : rc;
}
