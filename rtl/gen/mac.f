gen/pcs_spec_pkg.sv
mac/pcs_mac_gated.sv
mac/pcs_mac_serial.sv
mac/pcs_mac_serial2d.sv
mac/pcs_mac_fusion.sv
mac/pcs_mac_subword.sv
gen/pcs_mac.sv
