/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * What a process that drives a function and the process that has the port say to each other.
 *
 * One connection of a SOCK_SEQPACKET socket is one function. The driver's side asks, the port's
 * side answers each request once, in order, with the request's kind and a result. Descriptors come
 * along as SCM_RIGHTS. Registers do not travel here but through memory, see slot.h; software has
 * its doorbell pages trap before it asks for what is more than memory. When the connection ends,
 * for whatever reason, the function is reset and can be taken again.
 */
#ifndef MODEL_SERVER_MESSAGE_H
#define MODEL_SERVER_MESSAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "nic.h"

#define MESSAGE_VERSION	     2
#define MESSAGE_FAMILY_BYTES 16
#define MESSAGE_CONFIG_BYTES 64
#define MESSAGE_FDS_MAX	     NIC_VECTORS_MAX

enum message_kind {
	/**
	 * Take a function. The answer says what it is; with files: its config space, a slot, and
	 * with DOORBELL_POLL its doorbell pages.
	 */
	MESSAGE_HELLO,
	MESSAGE_BUS_MASTER,
	MESSAGE_RESET,
	/** VFIO_DEVICE_SET_IRQS; with the descriptors that are given. */
	MESSAGE_IRQS,
	/** A write to the configuration space. */
	MESSAGE_CONFIG,
	/** With the file that holds the memory. */
	MESSAGE_MAP,
	MESSAGE_UNMAP,
	/** So many VFs were written to the PF's SR-IOV capability: on a connection of its own. */
	MESSAGE_VFS,
};

struct message {
	uint32_t kind;
	int32_t rc;		/**< in answers: 0 or -errno */
	union {
		struct {
			uint32_t version;
			int32_t vf;	/**< or PF_INDEX */
			uint32_t doorbell;	/**< enum doorbell_mode */
		} hello;
		struct {
			char family[MESSAGE_FAMILY_BYTES];
			uint32_t nb_vfs;
		} function;
		struct {
			uint32_t nb;
		} vfs;
		struct {
			uint32_t on;
		} bus_master;
		struct {
			uint32_t index, flags, start, count;
			uint64_t given;	/**< bit i: entry i has a descriptor, else it is -1 */
		} irqs;
		struct {
			uint64_t at;
			uint32_t bytes;
			uint8_t data[MESSAGE_CONFIG_BYTES];
		} config;
		struct {
			uint64_t iova, bytes, offset;
		} memory;
	};
};

/** Descriptors that come along; whoever receives them closes them. */
struct message_fds {
	int fd[MESSAGE_FDS_MAX];
	unsigned int nb;
};

/** @p fds  may be NULL. @return 0 or -errno */
int message_send(int sock, const struct message *message, const struct message_fds *fds);
/** @return 0; -ECONNRESET: the other side is gone; -EPROTO: not one of our messages; -errno */
int message_receive(int sock, struct message *message, struct message_fds *fds);
void message_close_fds(struct message_fds *fds);

#endif /* MODEL_SERVER_MESSAGE_H */
