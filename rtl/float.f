gen/pcs_spec_pkg.sv
mac/pcs_acc_add.sv
float/pcs_float_decode.sv
float/pcs_float_align.sv
float/pcs_float_product.sv
float/pcs_float_mac.sv
float/pcs_float_result.sv
float/pcs_float_mac_bank.sv
