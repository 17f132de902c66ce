/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <errno.h>

#include "dispatch.h"

const struct mbx_op *
mbx_find_op(const struct mbx_op *ops, size_t nb_ops, const struct mbx_msg *request)
{
	uint32_t opcode = request->word[0] & MBX_OPCODE;

	/* A gap in the table is a row without a handler. */
	if (opcode >= nb_ops || ops[opcode].handle == NULL)
		return NULL;
	return &ops[opcode];
}

const struct mbx_op *
mbx_find_op_of_api(const struct mbx_op *ops, size_t nb_ops, const struct mbx_msg *request,
		   uint8_t api)
{
	const struct mbx_op *op = mbx_find_op(ops, nb_ops, request);

	return op != NULL && op->min_api <= api ? op : NULL;
}

int
mbx_dispatch(const struct mbx_op *op, bool ready, void *ctx, const struct mbx_msg *request,
	     struct mbx_msg *reply)
{
	if ((request->word[0] & MBX_FLAGS) != 0)
		return -EBADMSG;
	if (op == NULL)
		return -ENOSYS;
	if (request->words < op->min_words || request->words > MBX_WORDS)
		return -EBADMSG;
	if (!ready && !op->before_reset)
		return -EAGAIN;
	return op->handle(ctx, request, reply);
}
