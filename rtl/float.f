gen/pcs_spec_pkg.sv
float/pcs_float_decode.sv
float/pcs_float_mac.sv
float/pcs_float_result.sv
float/pcs_float_mac_bank.sv
