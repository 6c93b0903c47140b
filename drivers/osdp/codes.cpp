#include "drivers/osdp/codes.h"

namespace tocsin::osdp {

std::string_view name_of(CommandCode code) {
  switch (code) {
    case CommandCode::poll: return "POLL";
    case CommandCode::id: return "ID";
    case CommandCode::cap: return "CAP";
    case CommandCode::lstat: return "LSTAT";
    case CommandCode::istat: return "ISTAT";
    case CommandCode::ostat: return "OSTAT";
    case CommandCode::rstat: return "RSTAT";
    case CommandCode::out: return "OUT";
    case CommandCode::led: return "LED";
    case CommandCode::buz: return "BUZ";
    case CommandCode::text: return "TEXT";
    case CommandCode::comset: return "COMSET";
    case CommandCode::bioread: return "BIOREAD";
    case CommandCode::biomatch: return "BIOMATCH";
    case CommandCode::keyset: return "KEYSET";
    case CommandCode::chlng: return "CHLNG";
    case CommandCode::scrypt: return "SCRYPT";
    case CommandCode::acurxsize: return "ACURXSIZE";
    case CommandCode::filetransfer: return "FILETRANSFER";
    case CommandCode::mfg: return "MFG";
    case CommandCode::xwr: return "XWR";
    case CommandCode::abort: return "ABORT";
    case CommandCode::pivdata: return "PIVDATA";
    case CommandCode::genauth: return "GENAUTH";
    case CommandCode::crauth: return "CRAUTH";
    case CommandCode::keepactive: return "KEEPACTIVE";
  }
  return {};
}

std::string_view name_of(ReplyCode code) {
  switch (code) {
    case ReplyCode::ack: return "ACK";
    case ReplyCode::nak: return "NAK";
    case ReplyCode::pdid: return "PDID";
    case ReplyCode::pdcap: return "PDCAP";
    case ReplyCode::lstatr: return "LSTATR";
    case ReplyCode::istatr: return "ISTATR";
    case ReplyCode::ostatr: return "OSTATR";
    case ReplyCode::rstatr: return "RSTATR";
    case ReplyCode::raw: return "RAW";
    case ReplyCode::fmt: return "FMT";
    case ReplyCode::keypad: return "KEYPAD";
    case ReplyCode::com: return "COM";
    case ReplyCode::bioreadr: return "BIOREADR";
    case ReplyCode::biomatchr: return "BIOMATCHR";
    case ReplyCode::ccrypt: return "CCRYPT";
    case ReplyCode::rmac_i: return "RMAC_I";
    case ReplyCode::busy: return "BUSY";
    case ReplyCode::ftstat: return "FTSTAT";
    case ReplyCode::pivdatar: return "PIVDATAR";
    case ReplyCode::genauthr: return "GENAUTHR";
    case ReplyCode::crauthr: return "CRAUTHR";
    case ReplyCode::mfgrep: return "MFGREP";
    case ReplyCode::xrd: return "XRD";
  }
  return {};
}

std::string_view name_of(NakCode code) {
  switch (code) {
    case NakCode::bad_check: return "message check character(s) error";
    case NakCode::command_length: return "command length error";
    case NakCode::unknown_command: return "unknown command code";
    case NakCode::sequence: return "sequence number error";
    case NakCode::security_block: return "security block type not supported/accepted";
    case NakCode::secure_channel_required: return "secure channel required but not established";
    case NakCode::biometric_type: return "biometric type not supported";
    case NakCode::biometric_format: return "biometric format not supported";
    case NakCode::unable_to_process: return "unable to process command record";
  }
  return {};
}

}  // namespace tocsin::osdp
