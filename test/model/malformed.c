/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include "malformed.h"

static bool
hashes_malformed(const struct mbx_msg *msg, uint32_t count)
{
	if (count > 30 || msg->words < 1 + (count + 1) / 2)
		return true;
	for (uint32_t i = 0; i < count; i++) {
		if ((msg->word[1 + i / 2] >> (i % 2 * 16) & 0xffff) > 4095)
			return true;
	}
	return false;
}

/* 82576 sheet, 7.5. */
static bool
malformed_82576(const struct mbx_msg *msg, uint32_t info)
{
	switch (msg->word[0] & 0xffff) {
	case 1:
		return info != 0;
	case 2:
		return info > 2 || msg->words < 3;
	case 3:
		return (info & 0x60) != 0 || hashes_malformed(msg, info & 0x1f);
	case 4:
		return info > 1 || msg->words < 2 || msg->word[1] > 4095;
	case 5:
		return info != 0 || msg->words < 2;
	case 6:
		return info > 3;
	default:
		return true;
	}
}

/* 82599 sheet, 7.4 and 7.5; versions as they cross the mailbox: 2 is 1.1, 3 is 1.2. */
static bool
malformed_82599(const struct mbx_msg *msg, uint32_t info, unsigned int api)
{
	switch (msg->word[0] & 0xffff) {
	case 1:
		return info != 0;
	case 2:
		return info != 0 || msg->words < 3;
	case 3:
		return hashes_malformed(msg, info);
	case 4:
		return info > 1 || msg->words < 2 || msg->word[1] > 4095;
	case 5:
	case 8:
		return info != 0 || msg->words < 2;
	case 6:
		return msg->words < 3;
	case 9:
		return info != 0 || api < 2;
	case 0xa:
	case 0xb:
	case 0x10:
		return info != 0 || api < 3;
	case 0xc:
		return info != 0 || api < 3 || msg->words < 2 || msg->word[1] > 3;
	default:
		return true;
	}
}

bool
is_malformed(enum mbx_dialect dialect, enum mbx_api api, const struct mbx_msg *msg)
{
	uint32_t info = msg->word[0] >> 16 & 0xff;

	if (msg->word[0] >> 24 != 0 || msg->words < 1 || msg->words > 16)
		return true;
	return dialect == MBX_DIALECT_82576 ? malformed_82576(msg, info) :
					      malformed_82599(msg, info, api);
}
