/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * For the tests of the 82576 and the I350.
 */
#ifndef MODEL_GBE_RIG_H
#define MODEL_GBE_RIG_H

#include "family_82576.h"
#include "interrupt.h"
#include "nic_rig.h"
#include "regs_82576.h"

#define VF_MAILBOX 0x0c40	/* V2PMAILBOX */
#define GPIE_STANDARD (GPIE_NSICR | GPIE_MSIX_MODE | GPIE_EIAME | BIT(31))

#define BOTH(test) ONE(test, 82576), ONE(test, i350)

#endif /* MODEL_GBE_RIG_H */
