/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include "decode.h"

#define FLAG_C 0x001ull
#define FLAG_P 0x004ull
#define FLAG_A 0x010ull
#define FLAG_Z 0x040ull
#define FLAG_S 0x080ull
#define FLAG_O 0x800ull
#define FLAGS_ALL (FLAG_C | FLAG_P | FLAG_A | FLAG_Z | FLAG_S | FLAG_O)

/** By the number that an instruction encodes. */
static const uint8_t greg_of[16] = {
	REG_RAX, REG_RCX, REG_RDX, REG_RBX, REG_RSP, REG_RBP, REG_RSI, REG_RDI,
	REG_R8, REG_R9, REG_R10, REG_R11, REG_R12, REG_R13, REG_R14, REG_R15,
};

static uint64_t
mask_of(unsigned int bytes)
{
	return bytes == 8 ? UINT64_MAX : (1ull << bytes * 8) - 1;
}

static uint64_t
sign_bit(unsigned int bytes)
{
	return 1ull << (bytes * 8 - 1);
}

static uint64_t
sign_extend(uint64_t value, unsigned int bytes)
{
	return (value ^ sign_bit(bytes)) - sign_bit(bytes);
}

static uint64_t
register_get(const mcontext_t *context, const struct insn *insn)
{
	uint64_t whole = context->gregs[greg_of[insn->reg]];

	return (insn->high_byte ? whole >> 8 : whole) & mask_of(insn->reg_bytes);
}

static void
register_set(mcontext_t *context, const struct insn *insn, uint64_t value)
{
	greg_t *whole = &context->gregs[greg_of[insn->reg]];
	unsigned int shift = insn->high_byte ? 8 : 0;
	uint64_t mask = mask_of(insn->reg_bytes);

	/* Four bytes clear the upper half; one and two leave the rest alone. */
	if (insn->reg_bytes >= 4)
		*whole = value & mask;
	else
		*whole = ((uint64_t)*whole & ~(mask << shift)) | (value & mask) << shift;
}

static uint64_t
zero_sign_parity(uint64_t result, unsigned int bytes)
{
	return (result == 0 ? FLAG_Z : 0) | (result & sign_bit(bytes) ? FLAG_S : 0) |
	       (__builtin_parity(result & 0xff) ? 0 : FLAG_P);
}

static void
set_flags(mcontext_t *context, uint64_t which, uint64_t value)
{
	context->gregs[REG_EFL] = ((uint64_t)context->gregs[REG_EFL] & ~which) | (value & which);
}

static uint64_t
add(mcontext_t *context, uint64_t a, uint64_t b, bool carry, unsigned int bytes, uint64_t which)
{
	uint64_t mask = mask_of(bytes), result = (a + b + carry) & mask;

	set_flags(context, which, zero_sign_parity(result, bytes) |
		  (result < a || (carry && result == a) ? FLAG_C : 0) |
		  ((a ^ b ^ result) & 0x10 ? FLAG_A : 0) |
		  ((a ^ result) & (b ^ result) & sign_bit(bytes) ? FLAG_O : 0));
	return result;
}

static uint64_t
subtract(mcontext_t *context, uint64_t a, uint64_t b, bool borrow, unsigned int bytes,
	 uint64_t which)
{
	uint64_t mask = mask_of(bytes), result = (a - b - borrow) & mask;

	set_flags(context, which, zero_sign_parity(result, bytes) |
		  (a < b || (borrow && a == b) ? FLAG_C : 0) |
		  ((a ^ b ^ result) & 0x10 ? FLAG_A : 0) |
		  ((a ^ b) & (a ^ result) & sign_bit(bytes) ? FLAG_O : 0));
	return result;
}

static uint64_t
logic(mcontext_t *context, uint64_t result, unsigned int bytes)
{
	set_flags(context, FLAGS_ALL, zero_sign_parity(result, bytes));
	return result;
}

static uint64_t
shift(mcontext_t *context, enum insn_op op, uint64_t value, unsigned int by, unsigned int bytes)
{
	unsigned int bits = bytes * 8;
	uint64_t result, out;

	by &= bytes == 8 ? 63 : 31;
	if (by == 0)
		return value;
	if (op == INSN_SHL) {
		result = by < 64 ? value << by : 0;
		out = by <= bits ? value >> (bits - by) & 1 : 0;
		result &= mask_of(bytes);
	} else {
		int64_t from = op == INSN_SAR ? (int64_t)sign_extend(value, bytes) : (int64_t)value;

		out = (uint64_t)(from >> (by - 1)) & 1;
		if (op == INSN_SHR)
			out = value >> (by - 1) & 1;
		result = op == INSN_SAR ? (uint64_t)(from >> by) : value >> by;
		result &= mask_of(bytes);
	}
	/* Overflow is defined for shifts by 1 only. */
	set_flags(context, FLAGS_ALL, zero_sign_parity(result, bytes) | (out ? FLAG_C : 0) |
		  (op == INSN_SHL && ((result & sign_bit(bytes)) != 0) != (out != 0) ? FLAG_O : 0) |
		  (op == INSN_SHR && (value & sign_bit(bytes)) ? FLAG_O : 0));
	return result;
}

static uint64_t
bit_operation(mcontext_t *context, enum insn_op op, uint64_t value, uint64_t bit,
	      unsigned int bytes)
{
	uint64_t one = 1ull << (bit % (bytes * 8));

	set_flags(context, FLAG_C, value & one ? FLAG_C : 0);
	if (op == INSN_BTS)
		return value | one;
	if (op == INSN_BTR)
		return value & ~one;
	return op == INSN_BTC ? value ^ one : value;
}

static uint64_t
multiply(mcontext_t *context, uint64_t a, uint64_t b, unsigned int bytes)
{
	__int128 whole = (__int128)(int64_t)sign_extend(a, bytes) *
			 (int64_t)sign_extend(b, bytes);
	uint64_t result = (uint64_t)whole & mask_of(bytes);
	bool fits = whole == (int64_t)sign_extend(result, bytes);

	set_flags(context, FLAG_C | FLAG_O, fits ? 0 : FLAG_C | FLAG_O);
	return result;
}

/** Conditions come in pairs; the odd one of a pair is its opposite. */
static bool
holds(uint64_t flags, uint8_t condition)
{
	bool sign_differs = !(flags & FLAG_S) != !(flags & FLAG_O);
	bool yes = false;

	switch (condition >> 1) {
	case 0:
		yes = flags & FLAG_O;
		break;
	case 1:
		yes = flags & FLAG_C;
		break;
	case 2:
		yes = flags & FLAG_Z;
		break;
	case 3:
		yes = flags & (FLAG_C | FLAG_Z);
		break;
	case 4:
		yes = flags & FLAG_S;
		break;
	case 5:
		yes = flags & FLAG_P;
		break;
	case 6:
		yes = sign_differs;
		break;
	case 7:
		yes = (flags & FLAG_Z) || sign_differs;
		break;
	}
	return yes != (condition & 1);
}

/** @param a  first operand as the processor's manual orders them, @p b the second */
static uint64_t
arithmetic(mcontext_t *context, const struct insn *insn, uint64_t a, uint64_t b)
{
	uint64_t flags = context->gregs[REG_EFL];
	bool carry = flags & FLAG_C;
	unsigned int bytes = insn->mem_bytes;

	switch (insn->op) {
	case INSN_ADD:
	case INSN_XADD:
		return add(context, a, b, false, bytes, FLAGS_ALL);
	case INSN_ADC:
		return add(context, a, b, carry, bytes, FLAGS_ALL);
	case INSN_SUB:
	case INSN_CMP:
		return subtract(context, a, b, false, bytes, FLAGS_ALL);
	case INSN_SBB:
		return subtract(context, a, b, carry, bytes, FLAGS_ALL);
	case INSN_INC:
		return add(context, a, 1, false, bytes, FLAGS_ALL & ~FLAG_C);
	case INSN_DEC:
		return subtract(context, a, 1, false, bytes, FLAGS_ALL & ~FLAG_C);
	case INSN_NEG:
		return subtract(context, 0, a, false, bytes, FLAGS_ALL);
	case INSN_AND:
	case INSN_TEST:
		return logic(context, a & b, bytes);
	case INSN_ANDN:
		return logic(context, ~a & b & mask_of(bytes), bytes);
	case INSN_OR:
		return logic(context, a | b, bytes);
	case INSN_XOR:
		return logic(context, a ^ b, bytes);
	default:
		return multiply(context, a, b, bytes);
	}
}

static uint64_t
compute(mcontext_t *context, const struct insn *insn, uint64_t memory, uint64_t other)
{
	switch (insn->op) {
	case INSN_MOV:
	case INSN_XCHG:
	case INSN_MOVZX:
		return insn->to_reg ? memory : other;
	case INSN_MOVBE:
		return __builtin_bswap64(insn->to_reg ? memory : other) >>
		       (64 - insn->mem_bytes * 8);
	case INSN_MOVSX:
		return sign_extend(memory, insn->mem_bytes);
	case INSN_CMOV:
		return holds(context->gregs[REG_EFL], insn->condition) ? memory : other;
	case INSN_NOT:
		return ~memory;
	case INSN_SHL:
	case INSN_SHR:
	case INSN_SAR:
		return shift(context, insn->op, memory, other, insn->mem_bytes);
	case INSN_BT:
	case INSN_BTS:
	case INSN_BTR:
	case INSN_BTC:
		return bit_operation(context, insn->op, memory, other, insn->mem_bytes);
	default:
		/* To a register: it is the first operand, but where a constant is the other. */
		if (insn->to_reg && insn->other == OTHER_REG)
			return arithmetic(context, insn, other, memory);
		return arithmetic(context, insn, memory, other);
	}
}

static uint64_t
other_operand(const mcontext_t *context, const struct insn *insn)
{
	switch (insn->other) {
	case OTHER_REG:
		if (insn->op == INSN_ANDN)
			return (uint64_t)context->gregs[greg_of[insn->reg2]] &
			       mask_of(insn->reg_bytes);
		return register_get(context, insn);
	case OTHER_IMM:
		return (uint64_t)insn->imm & mask_of(insn->mem_bytes);
	case OTHER_CL:
		return context->gregs[REG_RCX] & 0xff;
	default:
		return 0;
	}
}

static bool
keeps_nothing(enum insn_op op)
{
	return op == INSN_CMP || op == INSN_TEST || op == INSN_BT;
}

void
insn_execute(const struct insn *insn, uintptr_t address, const struct insn_memory *memory,
	     mcontext_t *context)
{
	bool only_stores = (insn->op == INSN_MOV || insn->op == INSN_MOVBE) && !insn->to_reg;
	uint64_t other = other_operand(context, insn), result, value = 0;

	if (!only_stores)
		value = memory->load(memory->ctx, address, insn->mem_bytes);
	result = compute(context, insn, value, other);
	if (!keeps_nothing(insn->op)) {
		if (insn->to_reg)
			register_set(context, insn, result);
		else
			memory->store(memory->ctx, address, insn->mem_bytes,
				      result & mask_of(insn->mem_bytes));
	}
	if (insn->op == INSN_XCHG || insn->op == INSN_XADD)
		register_set(context, insn, value);
	context->gregs[REG_RIP] += insn->length;
}
