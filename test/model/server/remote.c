/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <errno.h>
#include <linux/vfio.h>
#include <pthread.h>
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

struct remote {
	int sock;
	pthread_mutex_t lock;	/**< one request at a time */
	pthread_mutex_t slot_lock;	/**< one access at a time */
	struct slot *slot;
	struct trap_region *region;
};

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

static void
set_bus_master(struct pci_function *pci, bool on)
{
	struct message message = { .kind = MESSAGE_BUS_MASTER, .bus_master.on = on };

	(void)ask(pci->remote, &message, NULL, NULL);
}

static void
reset(struct pci_function *pci)
{
	struct message message = { .kind = MESSAGE_RESET };

	(void)ask(pci->remote, &message, NULL, NULL);
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
	return ask(pci->remote, &message, &fds, NULL);
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
	rc = ask(pci->remote, &message, NULL, NULL);
	return rc == 0 ? (long)bytes : rc;
}

/* --- Registers --- */

static uint64_t
access_register(struct pci_function *pci, struct access *access)
{
	struct remote *remote = pci->remote;
	bool done;

	pthread_mutex_lock(&remote->slot_lock);
	done = slot_ask(remote->slot, access, remote->sock);
	pthread_mutex_unlock(&remote->slot_lock);
	return done ? access->value : UINT64_MAX;
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

	insn_execute(insn, offset, &memory, context);
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
	if (fds->nb == 2 && pci->family != NULL) {
		pci->remote->slot = slot_map(fds->fd[1]);
		rc = pci->remote->slot == NULL ? -errno : 0;
		close(fds->fd[1]);
		pci->fd = fds->fd[0];
		fds->nb = 0;
	}
	message_close_fds(fds);
	return rc == 0 ? pci_function_map_config(pci) : rc;
}

static int
say_hello(struct pci_function *pci)
{
	struct message message = {
		.kind = MESSAGE_HELLO,
		.hello = { .version = MESSAGE_VERSION, .vf = pci->vf },
	};
	struct message_fds fds = { .nb = 0 };
	int rc = ask(pci->remote, &message, NULL, &fds);

	if (rc == 0)
		return take_function(pci, &message, &fds);
	message_close_fds(&fds);
	return rc;
}

static size_t
bar_bytes(const struct pci_function *pci)
{
	return pci->vf == PF_INDEX ? pci->family->pf_bar_bytes : pci->family->vf_bar_bytes;
}

static int
trap_bar(struct pci_function *pci)
{
	static const struct trap_ops ops = { .access = on_access };
	void *bar = mmap(NULL, bar_bytes(pci), PROT_NONE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (bar == MAP_FAILED)
		return -errno;
	pci->bar = bar;
	pci->remote->region = trap_region_add(bar, bar_bytes(pci), &ops, pci);
	return pci->remote->region == NULL ? -errno : 0;
}

static int
trap_fd(struct pci_function *pci)
{
	static const struct fd_trap_ops ops = { .set_irqs = on_set_irqs, .pwrite = on_pwrite };

	pci->fd = fd_trap_adopt(pci->fd, &ops, pci);
	pci->fd_traps = pci->fd >= 0;
	return pci->fd < 0 ? pci->fd : 0;
}

static void
close_function(struct pci_function *pci)
{
	struct remote *remote = pci->remote;

	trap_region_remove(remote->region);
	if (pci->bar != NULL)
		munmap(pci->bar, bar_bytes(pci));
	if (pci->fd_traps)
		fd_trap_release(pci->fd);
	else if (pci->fd >= 0)
		close(pci->fd);
	if (pci->config != NULL)
		munmap(pci->config, PCI_FUNCTION_CONFIG_BYTES);
	if (pci->msix_table != NULL)
		munmap(pci->msix_table, MSIX_TABLE_BYTES);
	slot_unmap(remote->slot);
	/* Its end is what resets the function. */
	if (remote->sock >= 0)
		close(remote->sock);
	pthread_mutex_destroy(&remote->lock);
	pthread_mutex_destroy(&remote->slot_lock);
	free(remote);
	pci->remote = NULL;
}

int
remote_open(struct pci_function *pci, const char *path, int vf)
{
	static const struct pci_function_ops ops = {
		.set_bus_master = set_bus_master,
		.reset = reset,
		.map = map,
		.unmap = unmap,
		.close = close_function,
		.by_file = true,
	};
	struct remote *remote = calloc(1, sizeof(*remote));
	int rc;

	*pci = (struct pci_function){ .vf = vf, .fd = -1 };
	if (remote == NULL)
		return -ENOMEM;
	pthread_mutex_init(&remote->lock, NULL);
	pthread_mutex_init(&remote->slot_lock, NULL);
	pci->ops = &ops;
	pci->remote = remote;
	remote->sock = connect_to(path);
	rc = remote->sock < 0 ? remote->sock : say_hello(pci);
	if (rc == 0)
		rc = pci_function_map_table(pci);
	if (rc == 0)
		rc = trap_bar(pci);
	return rc == 0 ? trap_fd(pci) : rc;
}
