/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * Finds the handler of a request in a table, and checks what is the same for all of them.
 *
 * Pure: walks the table it is handed. A dialect (family and API version) is a table; a new
 * message is a new row.
 */
#ifndef SLUICE_DISPATCH_H
#define SLUICE_DISPATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "message.h"

/**
 * Serve one request.
 *
 * @param ctx    whatever mbx_dispatch() was given
 * @param reply  to be filled by a handler whose reply is more than one word
 * @return 0; -EBADMSG malformed; another -errno: refused
 */
typedef int mbx_handler_t(void *ctx, const struct mbx_msg *request, struct mbx_msg *reply);

/**
 * Say what a request asks for, such as "vlan 20"; a malformed one leaves @p text as it is.
 *
 * @param bytes  of @p text, its end included
 */
typedef void mbx_describe_t(const struct mbx_msg *request, char *text, size_t bytes);

/** One row: the request of the opcode that is the row's index. */
struct mbx_op {
	const char *name;
	mbx_handler_t *handle;
	uint8_t min_words;
	bool before_reset;	/**< accepted while the VF has not completed a reset */
	uint8_t min_api;	/**< lowest version of the dialect that has it */
	mbx_describe_t *describe;	/**< NULL: it has no arguments */
};

/** The row of a request's opcode; NULL if the dialect has none. */
const struct mbx_op *mbx_find_op(const struct mbx_op *ops, size_t nb_ops,
				 const struct mbx_msg *request);

/** As mbx_find_op(), for a VF that speaks version @p api of the dialect. */
const struct mbx_op *mbx_find_op_of_api(const struct mbx_op *ops, size_t nb_ops,
					const struct mbx_msg *request, uint8_t api);

/**
 * Check the request against its row and call the handler.
 *
 * @param op     what mbx_find_op() returned, NULL included
 * @param ready  the VF is clear to send
 * @return -ENOSYS no such request; -EBADMSG too short, or flags of a reply in word 0; -EAGAIN the
 *         VF has to reset first; else what the handler returned
 */
int mbx_dispatch(const struct mbx_op *op, bool ready, void *ctx, const struct mbx_msg *request,
		 struct mbx_msg *reply);

#endif /* SLUICE_DISPATCH_H */
