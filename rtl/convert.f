gen/pcs_spec_pkg.sv
convert/pcs_lfsr.sv
convert/pcs_float_narrow.sv
convert/pcs_float_widen.sv
convert/pcs_convert.sv
convert/pcs_convert_bank.sv
