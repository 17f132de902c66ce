/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * The x86-64 instructions with which compilers read and write a register in memory.
 *
 * A trapped access is a load or a store somewhere in a driver. To answer it, the instruction has to
 * be known: how wide it is, where the value comes from or goes to, what becomes of the flags, and
 * where the next one begins. Known is what gcc and clang make of volatile integers: moves between
 * memory and registers or constants, also extending ones, and arithmetic, logic, tests, shifts, bit
 * tests, exchanges and conditional moves with an operand in memory. Vector registers, strings and
 * the stack are not. The address is not computed: the processor reported it.
 */
#ifndef MODEL_DECODE_H
#define MODEL_DECODE_H

#include <stdbool.h>
#include <stdint.h>
#include <ucontext.h>

#define INSN_BYTES_MAX 15

/** Order of the first eight: as the processor numbers them. */
enum insn_op {
	INSN_ADD, INSN_OR, INSN_ADC, INSN_SBB, INSN_AND, INSN_SUB, INSN_XOR, INSN_CMP,
	INSN_MOV, INSN_MOVBE, INSN_MOVZX, INSN_MOVSX, INSN_TEST, INSN_XCHG, INSN_XADD, INSN_CMOV,
	INSN_NOT, INSN_NEG, INSN_INC, INSN_DEC,
	INSN_SHL, INSN_SHR, INSN_SAR,
	INSN_BT, INSN_BTS, INSN_BTR, INSN_BTC,
	INSN_IMUL, INSN_ANDN,
	INSN_UNKNOWN,
};

/** What stands beside the operand in memory. */
enum insn_other { OTHER_NONE, OTHER_REG, OTHER_IMM, OTHER_CL };

struct insn {
	enum insn_op op;
	enum insn_other other;
	bool to_reg;		/**< the result goes to the register, else to memory */
	bool high_byte;		/**< the register is AH, CH, DH or BH, of @p reg */
	uint8_t length;
	uint8_t mem_bytes, reg_bytes;
	uint8_t reg;		/**< number as encoded: 0 RAX, 1 RCX, 2 RDX ... 15 R15 */
	uint8_t reg2;		/**< ANDN: the inverted one */
	uint8_t condition;	/**< CMOV */
	int64_t imm;		/**< sign-extended */
};

/** Memory as the instruction sees it. */
struct insn_memory {
	uint64_t (*load)(void *ctx, uintptr_t address, unsigned int bytes);
	void (*store)(void *ctx, uintptr_t address, unsigned int bytes, uint64_t value);
	void *ctx;
};

/** @return false: unknown, or no operand in memory. Reads no byte beyond the instruction. */
bool insn_decode(const uint8_t *code, struct insn *insn);

/** Do what @p insn does to its operand at @p address, and step over it. */
void insn_execute(const struct insn *insn, uintptr_t address, const struct insn_memory *memory,
		  mcontext_t *context);

#endif /* MODEL_DECODE_H */
